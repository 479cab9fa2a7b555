/** The `homeward` command line. */
export { main } from './main.ts';
