package dev.sinter.cli;

import dev.sinter.training.TrainingListener;
import java.io.PrintStream;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// A training for people that watch a terminal: one bar over all epochs with the loss, the metrics
/// of the last epoch, examples a second and the time left.
final class TrainingBar implements TrainingListener {
  private final PrintStream terminal;
  private int epochs;
  private @Nullable ProgressBar bar;
  private Map<String, Double> metrics = Map.of();

  TrainingBar(PrintStream terminal) {
    this.terminal = terminal;
  }

  /// This bar, for a training of so many epochs, those before a resumption included.
  TrainingBar over(int epochs) {
    this.epochs = epochs;
    return this;
  }

  @Override
  public void batch(int epoch, long examples, long of, Map<String, Double> losses) {
    // A resumed training begins in the middle, which is known with its first batch.
    if (bar == null) {
      bar = begin((epoch - 1) * of, (long) epochs * of);
    }
    bar.stepTo((epoch - 1) * of + examples);
    bar.setExtraMessage(
        " epoch %d/%d  %s".formatted(epoch, epochs, TrainingLines.values(losses, metrics)));
  }

  @Override
  public void epoch(Epoch epoch) {
    metrics = epoch.metrics();
  }

  private ProgressBar begin(long from, long all) {
    return new ProgressBarBuilder()
        .setTaskName("training")
        .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BAR)
        .setInitialMax(all)
        .startsFrom(from, Duration.ZERO)
        .setUpdateIntervalMillis(200)
        .setUnit(" examples", 1)
        .setSpeedUnit(ChronoUnit.SECONDS)
        .showSpeed()
        .setConsumer(new ConsoleProgressBarConsumer(terminal))
        .build();
  }

  /// Leaves the bar as it is and the terminal to others.
  void end() {
    if (bar != null) {
      bar.close();
    }
  }
}
