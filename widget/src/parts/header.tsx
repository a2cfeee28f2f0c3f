import type { Tradie } from "../types";

export function Header({ tradie }: { tradie: Tradie }) {
  return (
    <header class="header">
      {tradie.logo_url ? (
        <img class="logo" src={tradie.logo_url} alt="" width="48" height="48" />
      ) : (
        <span class="logo" aria-hidden="true">
          {tradie.business_name.slice(0, 1)}
        </span>
      )}
      <div class="who">
        <h1>{tradie.business_name}</h1>
        <p>{[tradie.suburb, tradie.state].filter(Boolean).join(" ")}</p>
      </div>
    </header>
  );
}
