package dev.sinter.benchmarks.peers;

import com.google.gson.GsonBuilder;
import dev.sinter.benchmarks.cold.ColdDocument;
import dev.sinter.benchmarks.cold.ColdRow;
import dev.sinter.benchmarks.gates.GateDocument;
import dev.sinter.benchmarks.gates.GateRow;
import dev.sinter.compiler.InputShapes;
import dev.sinter.compiler.measure.MachineLimits;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.passes.WeightStorage;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `sinter bench`.
@Command(
    name = "sinter bench",
    mixinStandardHelpOptions = true,
    description = "Runs networks in Sinter and in other runtimes by turns, and says who is faster.",
    sortOptions = false)
public final class Bench implements Callable<Integer> {
  static final String GATES = "gates";

  private static final String PEERS = "peers";

  private static final String COLD = "cold";

  /// How many JVMs of each kind the suite of cold starts has.
  private static final int ROUNDS = 5;

  @Option(
      names = "--suite",
      paramLabel = "NAME",
      description =
          "The rows of benchmarks/rows.tsv: peers times them beside other runtimes, gates checks"
              + " what the JIT makes of their kernels, cold starts JVMs for three of them.")
  private @Nullable String suite;

  @Option(names = "--only", paramLabel = "REGEX", description = "Only rows whose name has this.")
  private String only = "";

  @Option(names = "--model", paramLabel = "ONNX", description = "A model instead of the suite.")
  private @Nullable Path model;

  @Option(
      names = "--input-shape",
      paramLabel = "NAME=SIZES",
      description = "Sizes of an input of the model, as in x=1,3,224,224.")
  private Map<String, String> shapes = new LinkedHashMap<>();

  @Option(
      names = "--weight-storage",
      paramLabel = "TYPE",
      description =
          "What Sinter keeps the weights of that model in: f32, bf16, int8 (default: f32).")
  private WeightStorage storage = WeightStorage.F32;

  @Option(
      names = "--threads",
      split = ",",
      description = "How many threads each has, one table after the other (default: 1,2).")
  private List<Integer> threads = List.of(1, 2);

  @Option(
      names = "--seconds",
      description =
          "How long no run may have been faster before a row is timed, for twice as long"
              + " (default: 4).")
  private double seconds = 4;

  @Option(names = "--json", description = "Print the document, not the table.")
  private boolean json;

  /// Reads the command line and exits: 0 ok, 1 the user's fault or a gate that does not hold, 2
  /// usage.
  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new Bench()).setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((fault, at, parsed) -> {
      if (fault instanceof DiagnosticException
          || fault instanceof IllegalArgumentException
          || fault instanceof IOException) {
        at.getErr().println("sinter bench: " + fault.getMessage());
        return 1;
      }
      throw fault;
    });
    System.exit(line.execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    if ((model == null) == (suite == null)) {
      throw new IllegalArgumentException(
          "give --suite peers, --suite gates, --suite cold or --model FILE.onnx");
    }
    if (model != null && !Files.isRegularFile(model)) {
      throw new IllegalArgumentException("no such file: " + model);
    }
    return switch (suite) {
      case null -> race();
      case PEERS -> race();
      case GATES -> gates();
      case COLD -> cold();
      default ->
          throw new IllegalArgumentException(
              "there is no suite %s; there are: %s, %s, %s".formatted(suite, PEERS, GATES, COLD));
    };
  }

  private int cold() throws IOException {
    List<ColdRow> answers = new ArrayList<>();
    for (Row row : rows()) {
      if (only.isEmpty() && !ColdTrial.ROWS.contains(row.id())) {
        continue;
      }
      System.err.println(row.id());
      answers.addAll(ColdTrial.run(row, home(), threads, seconds, ROUNDS));
    }
    ColdDocument document =
        new ColdDocument(
            "sinter.cold/1",
            Runtime.version().toString(),
            Host.cpu(),
            Host.commit(home()),
            ROUNDS,
            answers);
    String text = new GsonBuilder().setPrettyPrinting().create().toJson(document);
    keep(text, COLD);
    System.out.println(json ? text : document.table());
    return 0;
  }

  private int gates() throws IOException {
    List<Row> rows = rows();
    List<GateRow> answers = new ArrayList<>();
    for (Row row : rows) {
      System.err.println(row.id());
      answers.add(
          rows.size() == 1
              ? GateTrial.run(row, home(), seconds)
              : GateTrial.fork(row, home(), seconds));
    }
    GateDocument document =
        new GateDocument(
            "sinter.gates/1",
            Runtime.version().toString(),
            Host.cpu(),
            Host.commit(home()),
            answers);
    System.out.println(
        json ? new GsonBuilder().setPrettyPrinting().create().toJson(document) : document.table());
    return document.passes() ? 0 : 1;
  }

  private int race() throws IOException {
    List<Line> lines = new ArrayList<>();
    Map<Integer, Double> peaks = new LinkedHashMap<>();
    Map<Integer, Double> bandwidths = new LinkedHashMap<>();
    List<Row> rows = suite == null ? List.of() : rows();
    if (rows.size() > 1) {
      for (Row row : rows) {
        Document answer = answer(row);
        lines.addAll(answer.rows());
        answer.peakGflops().forEach((n, peak) -> peaks.merge(n, peak, Math::max));
        answer.bandwidthGbs().forEach((n, reached) -> bandwidths.merge(n, reached, Math::max));
      }
    } else {
      Map<Integer, MachineLimits> limits = new LinkedHashMap<>();
      threads.forEach(n -> limits.put(n, MachineLimits.measure(n)));
      limits.forEach((n, limit) -> {
        peaks.put(n, limit.gflops());
        bandwidths.put(n, limit.bandwidth());
      });
      if (model != null) {
        try (Trial trial = new Trial(model, storage)) {
          time(
              lines,
              model.getFileName().toString(),
              trial,
              trial.arguments(InputShapes.parse(shapes)),
              limits,
              true);
        }
      }
      for (Row row : rows) {
        time(lines, row, limits);
      }
    }
    Document document =
        new Document(
            "sinter.bench/1",
            Runtime.version().toString(),
            Host.cpu(),
            Host.commit(home()),
            peaks,
            bandwidths,
            lines);
    String text = new GsonBuilder().setPrettyPrinting().create().toJson(document);
    if (suite != null) {
      keep(text, PEERS);
    }
    System.out.println(json ? text : document.table());
    return 0;
  }

  /// Keeps what a whole suite answered.
  private void keep(String text, String name) throws IOException {
    if (only.isEmpty()) {
      Path kept =
          home()
              .resolve(
                  "benchmarks/results/%s-%s.json".formatted(LocalDate.now(ZoneOffset.UTC), name));
      Path written = kept.resolveSibling(kept.getFileName() + ".tmp");
      Files.writeString(written, text + "\n");
      Files.move(written, kept, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static Path home() {
    return Path.of(Objects.requireNonNull(System.getProperty("sinter.home"), "sinter.home"));
  }

  private static Path libtorch() {
    return home().resolve("benchmarks/target/libtorch");
  }

  private List<Row> rows() throws IOException {
    List<Row> rows =
        Row.read(home().resolve("benchmarks/rows.tsv")).stream()
            .filter(row -> Pattern.compile(only).matcher(row.id()).find())
            .toList();
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("no row's name has " + only);
    }
    return rows;
  }

  private Document answer(Row row) throws IOException {
    List<String> counts = threads.stream().map(String::valueOf).toList();
    List<String> arguments =
        List.of(
            "--suite",
            PEERS,
            "--only",
            row.pattern(),
            "--threads",
            String.join(",", counts),
            "--seconds",
            String.valueOf(seconds));
    try {
      return Fork.run(home(), arguments, Document.class);
    } catch (IllegalArgumentException e) {
      String why = String.valueOf(e.getMessage());
      List<Line> failed =
          threads.stream().map(n -> Line.failed(row.id(), n, row.weights(), why)).toList();
      return new Document("", "", "", "", Map.of(), Map.of(), failed);
    }
  }

  private void time(List<Line> lines, Row row, Map<Integer, MachineLimits> limits) {
    System.err.println(row.id());
    try {
      if (TrainingStep.isNamed(row.network())) {
        try (TrainingTrial trial = new TrainingTrial(RowFile.step(row))) {
          limits.forEach(
              (n, limit) -> lines.add(trial.run(row.id(), n, limit, seconds, libtorch())));
        }
        return;
      }
      RowFile file = RowFile.of(row, home());
      try (Trial trial = new Trial(file.file(), row.weights())) {
        boolean libtorch = row.peers().contains("libtorch");
        time(lines, row.id(), trial, trial.arguments(file.shapes()), limits, libtorch);
      }
    } catch (DiagnosticException | IllegalArgumentException | IOException e) {
      String why = String.valueOf(e.getMessage());
      threads.forEach(n -> lines.add(Line.failed(row.id(), n, row.weights(), why)));
    }
  }

  private void time(
      List<Line> lines,
      String id,
      Trial trial,
      Map<String, Tensor> arguments,
      Map<Integer, MachineLimits> limits,
      boolean libtorch) {
    Optional<Path> folder = libtorch ? Optional.of(libtorch()) : Optional.empty();
    limits.forEach((n, limit) -> lines.add(trial.run(id, arguments, n, limit, seconds, folder)));
  }
}
