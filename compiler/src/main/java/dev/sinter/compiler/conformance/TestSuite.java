package dev.sinter.compiler.conformance;

import dev.sinter.compiler.conformance.TestCase.DataSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Recorded tests in a folder or zip: `suite/test/model.onnx` with `test_data_set_0/input_0.pb` and
/// so on beside it, and `manifest.tsv` with tolerances; one test alone, or without a suite, also.
public final class TestSuite implements AutoCloseable {
  private static final String MODEL = "model.onnx";

  private final Optional<FileSystem> zip;
  private final List<Path> tests;
  private final Path root;
  private final Map<String, Tolerance> tolerances;

  private TestSuite(
      Optional<FileSystem> zip, Path root, List<Path> tests, Map<String, Tolerance> tolerances) {
    this.zip = zip;
    this.root = root;
    this.tests = List.copyOf(tests);
    this.tolerances = tolerances;
  }

  /// The tests in `path`.
  ///
  /// @throws IOException when it cannot be read
  public static TestSuite open(Path path) throws IOException {
    Optional<FileSystem> zip =
        Files.isRegularFile(path) ? Optional.of(FileSystems.newFileSystem(path)) : Optional.empty();
    Path root = zip.map(fs -> fs.getPath("/")).orElse(path);
    List<Path> tests;
    try (Stream<Path> files = Files.walk(root, 4)) {
      tests =
          files
              .filter(f -> f.endsWith(MODEL))
              .map(f -> f.toAbsolutePath().getParent())
              .sorted()
              .toList();
    }
    Path beside = path.toAbsolutePath().resolveSibling("manifest.tsv");
    Path inside = root.resolve("manifest.tsv");
    Path manifest = Files.isRegularFile(inside) ? inside : beside;
    return new TestSuite(
        zip, root, tests, Files.isRegularFile(manifest) ? tolerances(manifest) : Map.of());
  }

  private static Map<String, Tolerance> tolerances(Path manifest) throws IOException {
    Map<String, Tolerance> tolerances = new HashMap<>();
    List<String> lines = Files.readAllLines(manifest);
    if (lines.isEmpty()) {
      return tolerances;
    }
    List<String> header = List.of(lines.getFirst().toLowerCase(Locale.ROOT).split("\t", -1));
    int rtol = header.indexOf("rtol");
    int atol = header.indexOf("atol");
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split("\t", -1);
      if (rtol > 0 && atol > 0 && cells.length > Math.max(rtol, atol)) {
        tolerances.put(
            cells[0] + "/" + cells[1],
            new Tolerance(Double.parseDouble(cells[rtol]), Double.parseDouble(cells[atol])));
      }
    }
    return tolerances;
  }

  /// The number of tests.
  public int size() {
    return tests.size();
  }

  /// What a test is called: its suite and name.
  public String name(int test) {
    return root.toAbsolutePath().relativize(tests.get(test)).toString().replace('\\', '/');
  }

  /// How near a test's outputs have to be.
  public Tolerance tolerance(int test) {
    return tolerances.getOrDefault(name(test), Tolerance.DEFAULT);
  }

  /// A test's folder, for models whose weights lie beside them; in a zip there is none.
  public Optional<Path> folder(int test) {
    return zip.isPresent() ? Optional.empty() : Optional.of(tests.get(test));
  }

  /// Reads a test.
  ///
  /// @throws IOException when a file of it cannot be read
  public TestCase read(int test) throws IOException {
    Path folder = tests.get(test);
    List<Path> sets;
    try (Stream<Path> files = Files.list(folder)) {
      sets =
          files
              .filter(f -> f.getFileName().toString().startsWith("test_data_set_"))
              .sorted()
              .toList();
    }
    List<DataSet> data = new ArrayList<>();
    for (Path set : sets) {
      data.add(new DataSet(tensors(set, "input_"), tensors(set, "output_")));
    }
    String name = name(test);
    int slash = name.lastIndexOf('/');
    return new TestCase(
        slash < 0 ? "" : name.substring(0, slash),
        name.substring(slash + 1),
        ByteBuffer.wrap(Files.readAllBytes(folder.resolve(MODEL))),
        data);
  }

  private static List<ByteBuffer> tensors(Path set, String prefix) throws IOException {
    List<ByteBuffer> tensors = new ArrayList<>();
    for (int i = 0; Files.isRegularFile(set.resolve(prefix + i + ".pb")); i++) {
      tensors.add(ByteBuffer.wrap(Files.readAllBytes(set.resolve(prefix + i + ".pb"))));
    }
    return tensors;
  }

  @Override
  public void close() throws IOException {
    if (zip.isPresent()) {
      zip.get().close();
    }
  }
}
