/** What tests of stores put behind the ports; never shipped. */
export { createFailingFiles, type FailingFiles, type FileOperation } from './failing-files.ts';
export { PowerCutVolume } from './power-cut-volume.ts';
