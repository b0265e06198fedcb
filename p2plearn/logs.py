"""What the log must not tell: an address with a token in it is a secret."""

import logging
import re

_TOKENS = re.compile(r"(/(?:join|unsubscribe)/)[^/\s]+")


class WithoutTokens(logging.Formatter):
    """Lines in which such addresses have lost their tokens, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return _TOKENS.sub(r"\1…", super().format(record))
