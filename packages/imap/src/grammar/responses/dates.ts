/** INTERNALDATE in responses (RFC 3501 §9 date-time). */
export { formatInternalDate } from '../calendar.ts';
