export const Loading = () => (
  <p class="loading" role="status">
    Loading…
  </p>
);
