import { shared } from "../shared";

/** Below the times, and where there are none. */
export function Wait() {
  const { booking, tradie } = shared();
  const url = tradie.waitlist_url;
  return url ? (
    <p>
      Nothing that suits?{" "}
      <a class="link" href={`${url}?service=${booking.service}`}>
        Join the waitlist
      </a>
    </p>
  ) : null;
}
