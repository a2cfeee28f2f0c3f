import { Component } from "preact";
import { problemOf } from "../errors";
import { sentence } from "../sentences";
import { shared } from "../shared";
import type { CallBackInput } from "../types";

const KEPT = "There's no connection. Keep this page open: we send your number as soon as there is one.";

interface State {
  busy?: boolean;
  done?: boolean;
  /** What is wrong. */
  said?: string;
}

/** Somebody leaves their number to be called. */
export class LeaveNumber extends Component<object, State> {
  async send(form: HTMLFormElement) {
    const { tradie, service, api } = shared();
    const [name, phone] = ["name", "tel"].map((field) => String(new FormData(form).get(field)));
    const asked: Omit<CallBackInput, "website"> = {
      tradie: tradie.slug,
      name: name!,
      phone: phone!,
      about: service?.name ?? "",
    };
    this.setState({ busy: true, said: "" });
    try {
      await api.request("/api/callbacks", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(asked),
        repeatable: true, // sent again, it is the same one
      });
      this.setState({ done: true });
    } catch (error) {
      const problem = problemOf(error);
      const offline = problem.code === "OFFLINE";
      if (offline) addEventListener("online", () => void this.send(form), { once: true });
      const [wrong] = Object.values(problem.fields ?? {});
      this.setState({ said: offline ? KEPT : (wrong?.[0] ?? sentence(problem)) });
    }
    this.setState({ busy: false });
  }

  override render(_: object, { busy, done, said }: State) {
    const { tradie, booking } = shared();
    const field = (label: string, name: "name" | "tel", value = "") => (
      <p class="field">
        <label for={`call-${name}`}>{label}</label>
        <input
          id={`call-${name}`}
          name={name}
          type={(name === "tel" ? "tel" : "text") as "text"}
          autocomplete={name}
          maxLength={name === "tel" ? 40 : 120}
          defaultValue={value}
        />
      </p>
    );
    if (done) return <p role="status">{tradie.business_name} has your number and will call you.</p>;
    return (
      <form
        noValidate
        class="form"
        ref={arrive}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void this.send(event.currentTarget);
        }}
      >
        {said && (
          <p class="error" role="alert">
            {said}
          </p>
        )}
        {field("Your name", "name", booking.details["customer.name"])}
        {field("Your phone number", "tel", booking.details["customer.phone"])}
        <button type="submit" class="button" aria-disabled={busy}>
          {busy ? "Sending…" : "Please call me"}
        </button>
      </form>
    );
  }
}

/** The button that asked for it is gone. */
const arrive = (form: HTMLElement | null) => form?.querySelector("input")?.focus();
