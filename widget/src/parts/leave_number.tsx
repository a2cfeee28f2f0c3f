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
  shown = Date.now();

  async send(form: HTMLFormElement) {
    const { tradie, service, api } = shared();
    const [name, phone] = ["name", "phone"].map((field) => String(new FormData(form).get(field)));
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
        headers: { "Content-Type": "application/json", "Form-Check": `${Date.now() - this.shown};0;` },
        body: JSON.stringify(asked),
        repeatable: true, // sent again, it is the same one
      });
      this.setState({ done: true });
    } catch (error) {
      const problem = problemOf(error);
      const offline = problem.code === "OFFLINE";
      if (offline) addEventListener("online", () => void this.send(form), { once: true });
      const [wrong] = Object.entries(problem.fields ?? {});
      this.setState({ said: offline ? KEPT : (wrong?.[1][0] ?? sentence(problem)) });
      if (wrong) form.querySelector<HTMLElement>(`[name=${wrong[0]}]`)?.focus();
    }
    this.setState({ busy: false });
  }

  override render(_: object, { busy, done, said }: State) {
    const { tradie, booking } = shared();
    const field = (label: string, name: string, kind: "tel" | "name", value = "") => (
      <p class="field">
        <label for={`call-${name}`}>{label}</label>
        <input
          id={`call-${name}`}
          name={name}
          type={(kind === "tel" ? kind : "text") as "text"}
          autocomplete={kind}
          maxLength={kind === "tel" ? 40 : 120}
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
          <p key="said" class="error" role="alert">
            {said}
          </p>
        )}
        {field("Your name", "name", "name", booking.details["customer.name"])}
        {field("Your phone number", "phone", "tel", booking.details["customer.phone"])}
        <button type="submit" class="button" aria-disabled={busy}>
          {busy ? "Sending…" : "Please call me"}
        </button>
      </form>
    );
  }
}

/** The button that asked for it is gone. */
const arrive = (form: HTMLElement | null) => form?.querySelector("input")?.focus();
