"""The place under the header where messages stand until their cause is gone."""

from PySide6.QtWidgets import QWidget

from ui.notify import Message, Notifier
from ui.widgets import layout
from ui.widgets.banner import Banner, BannerAction

_DISMISS = "dismiss"


class MessagesPanel(QWidget):
    """Shows the gravest message that holds, and how many more there are."""

    def __init__(self, notifier: Notifier) -> None:
        super().__init__()
        self._notifier = notifier
        self._shown: Message | None = None
        self._banner = Banner()
        self._banner.chosen.connect(self._chosen)
        self.setLayout(layout.vbox(self._banner, spacing=0))
        notifier.messages_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        messages = self._notifier.messages()
        self.setVisible(bool(messages))
        if not messages:
            self._shown = None
            return
        message = messages[0]
        if message == self._shown and len(messages) == 1:
            return
        self._shown = message
        self._banner.show_message(
            message.tone.value,
            message.title,
            message.text,
            actions=self._actions(message),
            more=len(messages) - 1,
        )

    def _actions(self, message: Message) -> list[BannerAction]:
        actions = [BannerAction(str(place), text) for place, (text, _) in enumerate(message.actions)]
        if message.dismissible:
            actions.append(BannerAction(_DISMISS, self.tr("Close"), "x"))
        return actions

    def _chosen(self, key: str) -> None:
        message = self._shown
        if message is None:
            return
        if key == _DISMISS:
            self._notifier.clear(message.key)
        else:
            message.actions[int(key)][1]()
