package dev.sinter.cli;

import java.io.IOException;
import java.io.PrintWriter;

/// Runs a training and shows how it goes: a bar on a terminal, else a line an epoch.
final class TrainingProgress {
  private TrainingProgress() {}

  static TrainingRun.Outcome show(TrainingRun run, PrintWriter notes) throws IOException {
    if (!Terminal.isWatched()) {
      return run.train(epochs -> new TrainingLines(notes, epochs));
    }
    TrainingBar bar = new TrainingBar(System.err);
    try {
      return run.train(bar::over);
    } finally {
      bar.end();
    }
  }
}
