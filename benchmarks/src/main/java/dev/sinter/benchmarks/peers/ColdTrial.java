package dev.sinter.benchmarks.peers;

import ai.onnxruntime.OrtEnvironment;
import dev.sinter.benchmarks.cold.ColdLine;
import dev.sinter.benchmarks.cold.ColdRow;
import dev.sinter.benchmarks.cold.ColdStart;
import dev.sinter.benchmarks.cold.Exchange;
import dev.sinter.benchmarks.cold.Starter;
import dev.sinter.benchmarks.cold.Times;
import dev.sinter.compiler.tune.Middle;
import dev.sinter.ir.diagnostic.DiagnosticException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// A row's network in JVMs that are started for it, by Sinter and by ONNX Runtime, each with and
/// without the JDK's cache of classes and profiles.
final class ColdTrial {
  /// The rows of the suite, unless others are named.
  static final List<String> ROWS = List.of("lenet-b1", "minilm-1x128", "resnet50-b1");

  private final Exchange exchange;
  private final double mostError;
  private final double seconds;
  private double maxError;

  /// One of those that take turns.
  private static final class Candidate {
    final Starter starter;
    final boolean cached;
    final List<Times> starts = new ArrayList<>();
    String failure = "";

    Candidate(Starter starter, boolean cached) {
      this.starter = starter;
      this.cached = cached;
    }

    String name() {
      return starter.kind() + (cached ? "+aot" : "");
    }

    double median(ToDoubleFunction<Times> time) {
      return Middle.of(starts.stream().mapToDouble(time).toArray()).median();
    }

    ColdLine line(double peer) throws IOException {
      if (!failure.isEmpty()) {
        return ColdLine.failed(name(), failure);
      }
      return new ColdLine(
          name(),
          median(Times::main),
          median(Times::loaded),
          median(Times::answered),
          median(Times::steadyFrom),
          median(Times::steady),
          median(Times::answered) / peer,
          starter.bytes(),
          cached ? Files.size(starter.cache()) : 0,
          "");
    }
  }

  private ColdTrial(Exchange exchange, double mostError, double seconds) {
    this.exchange = exchange;
    this.mostError = mostError;
    this.seconds = seconds;
  }

  /// How all start, with each number of threads.
  ///
  /// @param home the checkout
  /// @param seconds how long nothing has to have got faster before a JVM ends
  /// @param rounds how many JVMs each has
  static List<ColdRow> run(Row row, Path home, List<Integer> threads, double seconds, int rounds)
      throws IOException {
    try {
      if (TrainingStep.isNamed(row.network())) {
        throw new IllegalArgumentException("a step of training is no service");
      }
      Path folder = Files.createDirectories(home.resolve("benchmarks/target/cold/" + row.id()));
      Path program = folder.resolve("program.jar");
      Starter.writeProgram(program);
      Path model = folder.resolve("model.jar");
      RowFile file = RowFile.of(row, home);
      ColdTrial cold;
      Starter sinter;
      try (Trial trial = new Trial(file.file(), row.weights())) {
        var arguments = trial.arguments(file.shapes());
        try (SinterContestant ours = trial.ours(arguments, 1)) {
          Exchange exchange = new Exchange(folder, arguments, ours.results());
          cold = new ColdTrial(exchange, trial.mostError(), seconds);
        }
        sinter =
            new Starter(
                ColdStart.SINTER,
                trial.write(model),
                List.of(model, program),
                List.of("--add-modules", "jdk.incubator.vector"),
                List.of(model),
                folder.resolve("sinter.aot"));
      }
      Path runtime = onnxRuntime();
      Starter peer =
          new Starter(
              ColdStart.ONNXRUNTIME,
              file.file().toString(),
              List.of(runtime, program),
              List.of(),
              List.of(runtime, file.file()),
              folder.resolve("onnxruntime.aot"));
      cold.exchange.ask();
      List<ColdRow> rows = new ArrayList<>();
      for (int n : threads) {
        rows.add(cold.row(row.id(), sinter, peer, n, rounds));
      }
      return rows;
    } catch (DiagnosticException | IllegalArgumentException | IOException e) {
      String why = String.valueOf(e.getMessage());
      return threads.stream().map(n -> ColdRow.failed(row.id(), n, why)).toList();
    }
  }

  private ColdRow row(String id, Starter sinter, Starter peer, int threads, int rounds)
      throws IOException {
    maxError = 0;
    List<Candidate> all = new ArrayList<>();
    for (Starter starter : List.of(sinter, peer)) {
      Candidate cached = new Candidate(starter, true);
      try {
        checked(starter.train(exchange, threads, seconds));
      } catch (IllegalArgumentException e) {
        cached.failure = String.valueOf(e.getMessage());
      }
      all.add(new Candidate(starter, false));
      all.add(cached);
    }
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < all.size(); i++) {
        Candidate next = all.get((i + round) % all.size());
        if (!next.failure.isEmpty()) {
          continue;
        }
        try {
          next.starts.add(checked(next.starter.start(next.cached, exchange, threads, seconds)));
        } catch (IllegalArgumentException e) {
          next.failure = String.valueOf(e.getMessage());
        }
      }
    }
    Candidate base = all.get(2);
    if (!base.failure.isEmpty()) {
      return ColdRow.failed(id, threads, base.failure);
    }
    List<ColdLine> lines = new ArrayList<>();
    for (Candidate candidate : all) {
      lines.add(candidate.line(base.median(Times::answered)));
    }
    return new ColdRow(id, threads, maxError, lines, "");
  }

  /// The times of a JVM if its first answer was right.
  private Times checked(Times times) throws IOException {
    double error = Trial.distance(exchange.answer(), exchange.like());
    if (!(error <= mostError)) {
      throw new IllegalArgumentException("the answers differ by %.2g".formatted(error));
    }
    maxError = Math.max(maxError, error);
    return times;
  }

  private static Path onnxRuntime() {
    try {
      return Path.of(
          OrtEnvironment.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("ONNX Runtime is in no JAR", e);
    }
  }
}
