"""Days as data bring them."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)


class _CalendarDay:
    """Only ISO 8601 calendar dates: no timestamps, no instants, no numbers, no other century."""

    @staticmethod
    def read(value: object) -> date:
        if type(value) is date:
            return value
        if isinstance(value, str) and _ISO_DATE.fullmatch(value):
            try:
                day = date.fromisoformat(value)
            except ValueError:
                pass
            else:
                if _FIRST_DAY <= day <= _LAST_DAY:
                    return day
                raise PydanticCustomError("date_range", "it must lie between the years 1900 and 2200")
        raise PydanticCustomError("date_form", "a date is written YYYY-MM-DD and exists in the calendar")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date", "pattern": f"^{_ISO_DATE.pattern}$"}


IsoDate = Annotated[date, _CalendarDay()]
