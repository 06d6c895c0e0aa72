//! What is to be seen is handed to the display and the sound, and what the display says of it comes back. It must not decide
//! what that is.

use super::Driver;
use crate::panel;
use crate::till::{Event, View};

impl Driver {
    /// Says why nothing can be sold, where what is to be seen gives way to that.
    pub(super) fn say_fault(&mut self, gives_way: fn(&View) -> bool) {
        let Some(scene) = self.scene.as_mut().filter(|scene| gives_way(&scene.view)) else { return };
        scene.view = View::StoreFault;
        if let Some(screen) = &self.screen {
            screen.show(scene.clone());
        }
    }

    /// Shows what the till wants seen. What the disk has refused has not happened, so it is not shown either: until the
    /// till has begun again a display on which nothing goes on says so, and any other stays as it is.
    pub(super) fn show_scene(&mut self) {
        if self.begin_again.is_some() {
            return self.say_fault(|view| matches!(view, View::Idle { .. } | View::Typing { .. } | View::Disabled));
        }
        let scene = self.till.scene();
        if self.scene.as_ref() == Some(&scene) {
            return;
        }
        if let Some(screen) = &self.screen {
            screen.show(scene.clone());
        }
        // The picture goes first. It was drawn while the disk worked, so there is little left that sound could slow down.
        if let Some(sound) = &mut self.sound {
            sound.see(&scene.view);
        }
        self.scene = Some(scene);
    }

    /// Has the picture drawn while the disk works; it is to be seen only when the disk has not refused.
    pub(super) fn expect_scene(&self) {
        let scene = self.till.scene();
        if let Some(screen) = self.screen.as_ref().filter(|_| self.scene.as_ref() != Some(&scene)) {
            screen.expect(scene);
        }
    }

    pub(super) async fn panel_heard(&mut self, heard: panel::Heard) {
        self.tally.display_heard(&heard);
        match heard {
            panel::Heard::Shown { generation } => {
                self.followed.shown(self.scene.as_ref(), generation);
                self.judge(Event::PanelShown { generation }).await
            }
            panel::Heard::TooDense { generation } => self.judge(Event::CodeTooDense { generation }).await,
            panel::Heard::Failed { reason } => {
                tracing::error!(reason, "the display cannot be written; it is tried again");
                self.judge(Event::PanelFailed).await
            }
        }
    }
}
