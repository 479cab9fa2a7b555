declare module 'cli-progress' {
  interface BarOptions {
    readonly format?: string;
    readonly stream?: NodeJS.WritableStream;
    readonly hideCursor?: boolean;
    readonly clearOnComplete?: boolean;
    readonly etaBuffer?: number;
    readonly fps?: number;
  }
  export class SingleBar {
    constructor(options: BarOptions);
    start(total: number, startValue: number, payload?: object): void;
    increment(step: number, payload?: object): void;
    stop(): void;
  }
}
