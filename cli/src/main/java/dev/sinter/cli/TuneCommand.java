package dev.sinter.cli;

import dev.sinter.compiler.ScheduleFile;
import dev.sinter.compiler.tune.Measured;
import dev.sinter.compiler.tune.Tuner;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.passes.tuning.ScheduleTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sinter tune`: measures which schedules are the fastest on this machine.
@Command(
    name = "tune",
    description = {
      "Measures on this machine with which schedules a model's products and convolutions",
      "are fastest, and writes them as a table, which compile, run, train and explain read.",
      "What was found stays if the command is ended early; another run goes on from there."
    })
final class TuneCommand implements Callable<Integer> {
  private static final double LONGEST = 86_400;

  @Mixin private Answer answer = new Answer();
  @Mixin private ModelOrTraining model = new ModelOrTraining();
  @Mixin private Lowering lowering = new Lowering();
  @Mixin private Threads threads = new Threads();
  @Mixin private InputShapeOption inputs = new InputShapeOption();

  @Option(
      names = "--seconds",
      description = "How long it may take, about (default: ${DEFAULT-VALUE}).")
  private double seconds = 60;

  @Option(names = "--again", description = "Measure what the table knows already, too.")
  private boolean again;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = {
        "The table to write; what it holds already is kept. By default it lies beside",
        "the model, is called as that and ends in .schedules: there the others find it."
      })
  private @Nullable Path output;

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param model the model's or training's name
  /// @param table the table's file
  /// @param entries how many entries it has now
  /// @param tier the vector registers of the machine, as the table names them
  /// @param measured what was measured this time, in this order
  /// @param seconds how long it all took
  private record Tuned(
      String schema,
      String model,
      Path table,
      int entries,
      String tier,
      List<Measured> measured,
      double seconds) {}

  @Override
  public Integer call() throws IOException {
    if (!(seconds > 0 && seconds <= LONGEST)) {
      throw new UserFault("--seconds is more than 0 and at most %.0f".formatted(LONGEST));
    }
    CpuTier tier = Tuner.tier();
    if (tier == CpuTier.SCALAR) {
      throw new UserFault("kernels without the Vector API have no schedules to choose from");
    }
    long start = System.nanoTime();
    ModelGraph graph = model.graph(model.read(answer), lowering.settings());
    ScheduleFile table =
        output == null ? ScheduleFile.beside(model.file()) : new ScheduleFile(output);
    ScheduleTable known = Files.exists(table.file()) ? table.read() : ScheduleTable.EMPTY;
    Progress progress = new Progress(table);
    Tuner tuner =
        new Tuner(
            graph, lowering.options(), inputs.shapes(), threads.count(), seconds, again, progress);
    // What cannot be written should fail now, not when something was found.
    table.write(known);
    ScheduleTable found = tuner.tune(known);
    Tuned result =
        new Tuned(
            "sinter.tune/1",
            graph.name(),
            table.file(),
            found.size(),
            tier.text(),
            progress.all,
            (System.nanoTime() - start) * 1e-9);
    long better = progress.all.stream().filter(m -> !m.before().equals(m.after())).count();
    return answer.give(
        result,
        "%d measured in %s, %d of them faster now; %d schedules in %s%n"
            .formatted(
                progress.all.size(),
                Quantity.seconds(result.seconds()),
                better,
                found.size(),
                table.file()));
  }

  /// Writes the table and says a line whenever something was found.
  private final class Progress implements Tuner.Listener {
    private final ScheduleFile file;
    private final List<Measured> all = new ArrayList<>();

    Progress(ScheduleFile file) {
      this.file = file;
    }

    @Override
    public void assumed(List<String> symbols, long size) {
      answer.note(
          "%s taken for %d; --input-shape gives other sizes"
              .formatted(String.join(", ", symbols), size));
    }

    @Override
    public void measured(Measured part, ScheduleTable table) {
      all.add(part);
      boolean stays = part.before().equals(part.after());
      answer.note(
          "%s: %s"
              .formatted(
                  part.part(),
                  stays
                      ? "%s stays, %s".formatted(part.before(), ms(part.beforeMs()))
                      : "%s, %s -> %s, %s"
                          .formatted(
                              part.before(),
                              ms(part.beforeMs()),
                              part.after(),
                              ms(part.afterMs()))));
      try {
        file.write(table);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void unknown(String part) {
      answer.note(part + ": not compiled by the JVM in time, more --seconds may help");
    }

    private static String ms(double ms) {
      return String.format(Locale.ROOT, "%.3g ms", ms);
    }
  }
}
