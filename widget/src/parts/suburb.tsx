import { Component, type ComponentProps, type TargetedKeyboardEvent } from "preact";
import { valueOf } from "../details";
import { shared } from "../shared";
import type { Suburb } from "../types";

const FEWEST_LETTERS = 2;
/** How long nothing is typed before it is asked what was meant. */
const PAUSE_MS = 150;

interface State {
  places: Suburb[];
  /** Which of them the keyboard is at; -1: at what was typed. */
  at: number;
}

const CLOSED: State = { places: [], at: -1 };

/** An input that suggests places as they are typed, after the ARIA combobox pattern: one that is chosen brings its state
 * and postcode. */
export class SuburbInput extends Component<ComponentProps<"input">, State> {
  override state = CLOSED;
  timer?: ReturnType<typeof setTimeout>;
  typed = "";

  suggest(typed: string) {
    const { booking, tradie, calls } = shared();
    const state = valueOf(booking.details, "address.state", tradie);
    const near = `${tradie.suburb} ${tradie.state}`;
    const show = (places: Suburb[]) => typed === this.typed && this.setState({ places, at: -1 });
    this.typed = typed;
    clearTimeout(this.timer);
    if (typed.length < FEWEST_LETTERS) this.setState(CLOSED);
    else {
      const ask = () => void calls.suburbs(typed, state, near).then(show, () => show([]));
      this.timer = setTimeout(ask, PAUSE_MS);
    }
  }

  choose(place: Suburb) {
    for (const [name, value] of Object.entries(place))
      shared().send({ type: "typed", name: `address.${name}`, value });
    this.suggest("");
  }

  onKeyDown(event: TargetedKeyboardEvent<HTMLInputElement>) {
    const { places, at } = this.state;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = places.length + 1;
    if (stops === 1) return;
    if (step) this.setState({ at: ((at + 1 + step + stops) % stops) - 1 });
    else if (event.key === "Enter" && places[at]) this.choose(places[at]);
    else if (event.key === "Escape") this.suggest("");
    else return;
    event.preventDefault();
  }

  override componentWillUnmount() {
    clearTimeout(this.timer);
  }

  override render({ onInput, ...props }: ComponentProps<"input">, { places, at }: State) {
    const open = places.length > 0;
    return (
      <div class="suggested">
        <input
          {...props}
          type="text"
          role="combobox"
          aria-autocomplete="list"
          aria-controls="suburbs"
          aria-expanded={open}
          aria-activedescendant={places[at] && `suburb-${at}`}
          onInput={(event) => {
            onInput?.(event);
            this.suggest(event.currentTarget.value.trim());
          }}
          onKeyDown={(event) => this.onKeyDown(event)}
          onBlur={() => this.suggest("")}
        />
        <ul id="suburbs" role="listbox" aria-label="Suburbs" hidden={!open}>
          {places.map((place, index) => (
            <li
              key={Object.values(place).join()}
              id={`suburb-${index}`}
              role="option"
              aria-selected={index === at}
              onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
              onClick={() => this.choose(place)}
            >
              {place.suburb} {place.state} {place.postcode}
            </li>
          ))}
        </ul>
      </div>
    );
  }
}
