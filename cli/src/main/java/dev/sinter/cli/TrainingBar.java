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
final class TrainingBar implements TrainingListener, AutoCloseable {
  private final PrintStream terminal;
  private final int epochs;
  private @Nullable ProgressBar bar;
  private Map<String, Double> metrics = Map.of();

  /// @param epochs how many there will be, those before a resumption included
  TrainingBar(PrintStream terminal, int epochs) {
    this.terminal = terminal;
    this.epochs = epochs;
  }

  @Override
  public void batch(int epoch, long examples, long of, Map<String, Double> losses) {
    // A resumed training begins in the middle, which is known with its first batch.
    if (bar == null) {
      bar = begin((epoch - 1) * of, epochs * of);
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

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
