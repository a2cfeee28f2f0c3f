export function Loading() {
  return (
    <div class="card loading" role="status">
      <span class="spinner" aria-hidden="true" />
      Loading…
    </div>
  );
}
