/** What is asked of a worker's control port, and how. */
export {
  askControlPort,
  type ControlAnswer,
  type ControlCredentials,
  type ControlPlace,
  type ControlQuestion,
} from './control-client.ts';
export {
  controlNameOfFrontEnd,
  isFrontEndControlName,
  SESSION_END_LIMIT,
  SESSION_END_ORDER,
  SESSION_END_PATH,
  SESSION_END_RECEIPT,
  type SessionEndOrder,
  type SessionEndReceipt,
} from './session-ends.ts';
