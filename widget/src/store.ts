// One value, one way to change it.

export interface Store<State, Event> {
  readonly state: State;
  send(event: Event): void;
  /** Calls `listener` after every change; the answer stops it. */
  subscribe(listener: () => void): () => void;
}

export function createStore<State, Event>(
  next: (state: State, event: Event) => State,
  initial: State,
): Store<State, Event> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get state() {
      return state;
    },
    send(event) {
      const before = state;
      state = next(state, event);
      if (state !== before) listeners.forEach((listener) => listener());
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
