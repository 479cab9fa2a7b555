/** SASL mechanisms, and the surface of every dialogue that uses them. */
export type {
  Credentials,
  DialogueEnd,
  DialogueStep,
  LoginDialogue,
  LoginMethod,
  LoginRefusal,
  UpstreamDialogue,
  UpstreamStep,
} from './login-dialogue.ts';
