package dev.sinter.cli;

import dev.sinter.compiler.conformance.TestCase;
import dev.sinter.compiler.conformance.TestResult;
import dev.sinter.compiler.conformance.TestResult.Outcome;
import dev.sinter.compiler.conformance.TestRunner;
import dev.sinter.compiler.conformance.TestSuite;
import dev.sinter.onnx.TensorFiles;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sinter conformance`: runs recorded tests of ONNX models.
@Command(
    name = "conformance",
    description = "Runs ONNX models on recorded inputs and compares the outputs.")
final class ConformanceCommand implements Callable<Integer> {
  private static final String HEADER =
      "suite\ttest\tstatus\ttarget\texterns\tmaxAbs\tmaxRel\tms\treason\n";

  @Mixin private Answer answer = new Answer();

  @Parameters(
      paramLabel = "PATH",
      description =
          "A folder or zip of tests: each a folder with model.onnx and"
              + " test_data_set_0/input_0.pb, output_0.pb and so on.")
  private Path path = Path.of("");

  @Option(
      names = "--target",
      description = "What runs the models: interpreter, or java, which is the default.")
  private TestRunner.Target target = TestRunner.Target.JAVA;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Where to write a table with a row for each test.")
  private @Nullable Path report;

  @Option(
      names = "--save-outputs",
      paramLabel = "FOLDER",
      description = "Where to write each output as a TensorProto.")
  private @Nullable Path outputs;

  @Option(
      names = "--filter",
      paramLabel = "TEXT",
      description = "Run only tests in whose name this occurs.")
  private String filter = "";

  /// The answer.
  private record Summary(
      String schema, int passed, int failed, int unsupported, int crashed, double seconds) {}

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    try (TestSuite suite = TestSuite.open(path)) {
      List<Integer> chosen = new ArrayList<>();
      for (int i = 0; i < suite.size(); i++) {
        if (suite.name(i).contains(filter)) {
          chosen.add(i);
        }
      }
      if (chosen.isEmpty()) {
        throw new UserFault(path + " has no such tests");
      }
      List<TestResult> results = run(suite, chosen);
      StringBuilder table = new StringBuilder(HEADER);
      for (int i = 0; i < results.size(); i++) {
        table.append(row(suite.name(chosen.get(i)), results.get(i)));
      }
      if (report != null) {
        WholeFile.write(report, table.toString());
      }
      int passed = count(results, Outcome.PASSED);
      int failed = count(results, Outcome.FAILED);
      int unsupported = count(results, Outcome.UNSUPPORTED);
      int crashed = count(results, Outcome.CRASHED);
      answer.give(
          new Summary(
              "sinter.conformance/1",
              passed,
              failed,
              unsupported,
              crashed,
              (System.nanoTime() - start) * 1e-9),
          "%d passed, %d failed, %d unsupported%n"
              .formatted(passed, failed + crashed, unsupported));
      return (passed == results.size() ? ExitCode.OK : ExitCode.USER).number();
    } catch (ZipException e) {
      throw new UserFault(path + " is no folder and no zip: " + e.getMessage());
    }
  }

  private static int count(List<TestResult> results, Outcome outcome) {
    return (int) results.stream().filter(r -> r.outcome() == outcome).count();
  }

  private List<TestResult> run(TestSuite suite, List<Integer> chosen) throws IOException {
    TestRunner runner = new TestRunner(target, this::save);
    int threads = Runtime.getRuntime().availableProcessors();
    try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
      List<Future<TestResult>> futures = new ArrayList<>();
      for (int number : chosen) {
        futures.add(workers.submit(() -> runner.run(suite, number)));
      }
      List<TestResult> results = new ArrayList<>();
      for (int i = 0; i < futures.size(); i++) {
        TestResult result = futures.get(i).get();
        results.add(result);
        if (result.outcome() != Outcome.PASSED) {
          answer.note(
              "%s %s: %s"
                  .formatted(
                      result.outcome().name().toLowerCase(Locale.ROOT),
                      suite.name(chosen.get(i)),
                      oneLine(result.reason())));
        }
      }
      return results;
    } catch (ExecutionException | InterruptedException e) {
      throw new IOException("a test did not end: " + e, e);
    }
  }

  private String row(String name, TestResult result) {
    int slash = name.lastIndexOf('/');
    return String.join(
            "\t",
            slash < 0 ? "" : name.substring(0, slash),
            name.substring(slash + 1),
            result.outcome().name().toLowerCase(Locale.ROOT),
            target.name().toLowerCase(Locale.ROOT),
            Integer.toString(result.externs()),
            Double.toString(result.maxAbs()),
            Double.toString(result.maxRel()),
            Long.toString(result.millis()),
            oneLine(result.reason()))
        + "\n";
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() > 300 ? line.substring(0, 300) + " ..." : line;
  }

  private void save(TestCase test, int dataSet, int number, Tensor value) throws IOException {
    if (outputs == null) {
      return;
    }
    Path folder = Objects.requireNonNull(outputs);
    // Names come from a user's own folder or zip: only their letters and digits count here.
    String plain = (test.suite() + "/" + test.name()).replaceAll("[^A-Za-z0-9_/-]", "_");
    Path file = folder.resolve(plain).resolve("data_set_" + dataSet + "_output_" + number + ".pb");
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    WholeFile.write(file, TensorFiles.bytes(value));
  }
}
