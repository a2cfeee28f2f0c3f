"""How the operator looks at rows: read-only where they are history or money, bounded lists, retries by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst

from peepopay.forms import DollarsField, RowForm
from peepopay.given_up import close, revive
from peepopay.models import OutboxRow
from peepopay.search import in_columns
from web.admin.reading import Readable, readable

MOST_COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts at most 10,000 rows: the operator searches, nobody pages to the end of a million."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return int(rows.order_by()[:MOST_COUNTED].count())


class FoundAsWritten(admin.ModelAdmin):
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Finds phone numbers, addresses, names and references as people write them. No column is one of several."""
        columns = self.get_search_fields(request)
        return queryset.filter(in_columns(search_term, columns)) if columns else queryset, False


class BoundedAdmin(FoundAsWritten, Readable):
    """A list of at most 50 a page that never counts the whole table."""

    form = RowForm
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    paginator = BoundedPaginator

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Amounts are typed in dollars, as everywhere."""
        if db_field.name.endswith("_cents") and not db_field.null:
            label = capfirst(str(db_field.verbose_name).removesuffix(" cents"))
            return DollarsField(label=label, help_text="In dollars.")
        return super().formfield_for_dbfield(db_field, request, **options)


class ReadOnlyAdmin(BoundedAdmin):
    """History and money: to be looked at, never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False
    max_num = 0
    show_change_link = True

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [readable(self.model, name) for name in super().get_fields(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OutboxState(admin.SimpleListFilter):
    """What became of a row: waiting, done or given up."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Waiting"), ("dead", "Given up"), ("done", "Done")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "open":
                return queryset.filter(done_at__isnull=True, dead_at__isnull=True)
            case "dead":
                return queryset.filter(dead_at__isnull=False, done_at__isnull=True)
            case "done":
                return queryset.filter(done_at__isnull=False)
        return queryset


@admin.action(description="Try again now", permissions=["retry"])
def retry(model_admin: admin.ModelAdmin, request: HttpRequest, rows: QuerySet[Any]) -> None:
    """Due at once, with a fresh set of attempts; what is done stays done."""
    touched = revive(rows.model, list(rows.values_list("pk", flat=True)), now=timezone.now())
    model_admin.message_user(request, f"{touched} will be tried again now.", messages.SUCCESS)


@admin.action(description="Close what was given up: nothing more to do", permissions=["retry"])
def close_dead(model_admin: admin.ModelAdmin, request: HttpRequest, rows: QuerySet[Any]) -> None:
    """The self-check stops asking for a person."""
    touched = close(rows.model, list(rows.values_list("pk", flat=True)), now=timezone.now())
    model_admin.message_user(request, f"{touched} closed.", messages.SUCCESS)


class OutboxAdmin(ReadOnlyAdmin):
    """Rows of work: read-only, and an operator with the right to change them may have them tried again, or closed."""

    actions = [retry, close_dead]
    list_filter: ClassVar[tuple[Any, ...]] = (OutboxState,)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        label = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return request.user.has_perm(label)

    @admin.display(description="state")
    def state(self, row: OutboxRow) -> str:
        if row.done_at:
            return "done"
        return "given up" if row.dead_at else f"waiting ({row.attempts} tries)"
