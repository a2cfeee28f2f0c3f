import { Heading } from "../parts/heading";
import { shared } from "../shared";

export function ServiceStep() {
  const { tradie, booking, send } = shared();
  return (
    <>
      <Heading>What do you need done?</Heading>
      <ul class="services">
        {tradie.services.map(({ id, name, price_text, description, in_short }) => (
          <li key={id}>
            <button
              type="button"
              aria-pressed={id === booking.service}
              onClick={() => send({ type: "service_chosen", service: id })}
            >
              <span class="name">{name}</span>
              <span>{price_text}</span>
              {description && <span class="facts">{description}</span>}
              <span class="facts">{in_short}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
