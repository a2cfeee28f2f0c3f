import type { Tradie } from "../types";

export function Header({ tradie }: { tradie: Tradie }) {
  return (
    <header>
      {tradie.logo_url ? (
        <img class="logo" src={tradie.logo_url} alt="" />
      ) : (
        <span class="logo" aria-hidden="true">
          {tradie.business_name[0]}
        </span>
      )}
      <div>
        <h1>{tradie.business_name}</h1>
        <p>
          {tradie.suburb} {tradie.state}
        </p>
      </div>
    </header>
  );
}
