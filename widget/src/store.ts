// One value, changed only by what happens to it.

export interface Store<State, Event> {
  readonly state: State;
  send(event: Event): void;
  /** From now on this, too, says what an event makes of the state; it leaves alone what it doesn't know. */
  learn(next: Next<State, Event>): void;
  /** Calls `listener` after every change. */
  subscribe(listener: () => void): void;
}

type Next<State, Event> = (state: State, event: Event) => State;

export function createStore<State, Event>(
  initial: State,
  ...known: Next<State, Event>[]
): Store<State, Event> {
  let state = initial;
  const listeners: (() => void)[] = [];
  return {
    get state() {
      return state;
    },
    send(event) {
      const before = state;
      state = known.reduce((current, next) => next(current, event), state);
      if (state !== before) listeners.forEach((listener) => listener());
    },
    learn: (next) => void known.push(next),
    subscribe: (listener) => void listeners.push(listener),
  };
}
