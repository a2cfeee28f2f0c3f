import type { TargetedEvent } from "preact";
import { shared } from "../shared";
import { valueOf, type FieldSpec } from "../details";
import { pictures } from "../pictures_file";
import { SuburbInput } from "./suburb";

/** One labelled field with its hint and its error. */
export function Field({ field }: { field: FieldSpec }) {
  const { booking, tradie } = shared();
  const errors = booking.problem?.fields?.[field.name];
  return (
    <div class={`field ${field.name.replace(".", "-")}`}>
      <label for={field.name}>{field.label}</label>
      {field.hint && (
        <p class="hint" id={`${field.name}-hint`}>
          {field.hint}
        </p>
      )}
      <Control field={field} wrong={Boolean(errors)} />
      {field.note && (
        <p class="hint" role="status">
          {field.note(valueOf(booking.details, field.name, tradie))}
        </p>
      )}
      {errors && (
        <p class="error" id={`${field.name}-error`}>
          {errors[0]}
        </p>
      )}
    </div>
  );
}

function Control({ field, wrong }: { field: FieldSpec; wrong: boolean }) {
  const { booking, tradie, send } = shared();
  const { name } = field;
  const described = [field.hint && `${name}-hint`, wrong && `${name}-error`].filter(Boolean).join(" ");
  const props = {
    id: name,
    name,
    value: valueOf(booking.details, name, tradie),
    required: field.required,
    autocomplete: field.autocomplete,
    "aria-invalid": wrong,
    "aria-describedby": described || undefined,
    onInput: (event: TargetedEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) =>
      send({ type: "typed", name, value: event.currentTarget.value }),
  };
  if (field.kind === "long_text") return <textarea {...props} rows={3} maxLength={field.maxLength} />;
  if (field.kind === "photo") return <pictures.Step {...props} />;
  if (field.choices?.[0])
    return (
      <select {...props}>
        <option value="">Choose…</option>
        {field.choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  const Input = field.suggest ? SuburbInput : "input";
  return (
    <Input
      {...props}
      type={field.kind as "text"}
      inputMode={field.numeric ? "numeric" : undefined}
      maxLength={field.maxLength}
    />
  );
}
