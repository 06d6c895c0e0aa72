//! What a recording leaves out of commands: texts for the display, addresses, documents, results, reasons. It must not know the format.

use crate::till::{
    CommandRecord, CommandResult, CommandStage, Commands, Instruction, NoticeKind, Performed, Pieces, SignedCommand,
};

pub(super) fn command(command: SignedCommand) -> SignedCommand {
    let instruction = command.instruction.map(instruction).map_err(|_| String::new());
    SignedCommand { instruction, document: None, ..command }
}

pub(super) fn record(record: CommandRecord) -> CommandRecord {
    let stage = match record.stage {
        CommandStage::Succeeded(told) => CommandStage::Succeeded(result(told)),
        CommandStage::Failed(_) => CommandStage::Failed(String::new()),
        CommandStage::Rejected(_) => CommandStage::Rejected(String::new()),
        plain @ (CommandStage::Received | CommandStage::Running(_) | CommandStage::Expired) => plain,
    };
    CommandRecord { instruction: record.instruction.map(instruction), stage, document: None, ..record }
}

pub(super) fn commands(mut commands: Commands) -> Commands {
    commands.records = commands.records.into_iter().map(|(id, known)| (id, record(known))).collect();
    if let Some(pieces) = commands.job.as_mut().and_then(|job| job.pieces.as_mut()) {
        let Pieces { result, .. } = pieces;
        *result = CommandResult::None;
    }
    if let Some(notice) = &mut commands.notice {
        if let NoticeKind::Text(text) = &mut notice.what {
            text.clear();
        }
    }
    commands
}

pub(super) fn performed(performed: Performed) -> Performed {
    match performed {
        Performed::Done { result: told, pieces } => Performed::Done { result: result(told), pieces },
        Performed::Failed(_) => Performed::Failed(String::new()),
        plain @ (Performed::Fetching(_) | Performed::Fetched) => plain,
    }
}

fn result(result: CommandResult) -> CommandResult {
    match result {
        CommandResult::Json(_) => CommandResult::Json("{}".to_owned()),
        plain @ (CommandResult::None | CommandResult::Sale(_)) => plain,
    }
}

/// A text for the display is as long as a text must be at least.
fn instruction(instruction: Instruction) -> Instruction {
    match instruction {
        Instruction::ShowMessage { text: _, seconds } => Instruction::ShowMessage { text: "-".to_owned(), seconds },
        Instruction::Update(mut update) => {
            // The address may have a word in it that opens the server.
            if let Ok(hidden) = "https://update.invalid/".parse() {
                update.url = hidden;
            }
            Instruction::Update(update)
        }
        plain @ (Instruction::Identify
        | Instruction::CancelSale { .. }
        | Instruction::Report { .. }
        | Instruction::SetLogLevel { .. }
        | Instruction::Restart
        | Instruction::Disable
        | Instruction::Enable
        | Instruction::Screenshot
        | Instruction::Diagnose
        | Instruction::CollectLogs { .. }
        | Instruction::Wipe { .. }) => plain,
    }
}
