"""The ways to use a page: with a mouse, with a finger, or with the keyboard alone."""

from playwright.sync_api import Locator, Page

# More Tab stops than any page of the site has.
STOPS = 150


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def fill(self, field: Locator, text: str) -> None:
        self.press(field)
        self.page.keyboard.insert_text(text)

    def choose(self, group: Locator, number: int) -> None:
        """Choose the nth of a group of radio buttons, counted from 0."""
        self.press(group.locator("label").nth(number))


class Finger(Mouse):
    def press(self, target: Locator) -> None:
        target.tap()


class Keyboard(Mouse):
    """Tab, arrows, Space and Enter; the focused element must be visible."""

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def fill(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.insert_text(text)

    def choose(self, group: Locator, number: int) -> None:
        self.reach(group.get_by_role("radio").first)
        self.page.keyboard.press("Space")
        for _step in range(number):
            self.page.keyboard.press("ArrowDown")

    def reach(self, target: Locator) -> None:
        for _stop in range(STOPS):
            if target.evaluate("(element) => element === document.activeElement"):
                seen = target.evaluate(
                    "(element) => { const box = element.getBoundingClientRect();"
                    " return box.bottom > 0 && box.top < innerHeight; }"
                )
                assert seen, f"{target} has the focus and is out of sight"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {target}")
