import { useShared } from "../context";
import { duration } from "../format";
import { Heading } from "../parts/heading";
import { depositText, priceText } from "../price";

export function ServiceStep() {
  const { tradie, booking, actions } = useShared();
  return (
    <>
      <Heading>What do you need done?</Heading>
      <ul class="services">
        {tradie.services.map((service) => (
          <li key={service.id}>
            <button
              type="button"
              class="service"
              aria-pressed={service.id === booking.service}
              onClick={() => actions.send({ type: "service_chosen", service: service.id })}
            >
              <span class="name">{service.name}</span>
              <span class="price">{priceText(service)}</span>
              {service.description && <span class="description">{service.description}</span>}
              <span class="facts">
                {duration(service.duration_minutes)} · {depositText(service)}
                {service.requires_approval && " · We confirm your request first"}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
