package dev.sinter.benchmarks.peers;

import dev.sinter.passes.WeightStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// A line of the table of what is measured.
///
/// @param id its name in results
/// @param network which network of [Networks], [TrainingStep], or `minilm`
/// @param numbers its sizes
/// @param bound what limits it: `compute`, `memory`, or `gemm` for a bare product
/// @param peers who is asked the same, as far as they are here: `onnxruntime`, `libtorch`
/// @param weights what Sinter keeps weights in; its peers keep them in `f32`
/// @param what exactly is computed
record Row(
    String id,
    String network,
    List<Integer> numbers,
    String bound,
    List<String> peers,
    WeightStorage weights,
    String what) {
  Row {
    numbers = List.copyOf(numbers);
    peers = List.copyOf(peers);
  }

  /// The rows of `file`, tab-separated with a head.
  static List<Row> read(Path file) throws IOException {
    return Files.readAllLines(file).stream().skip(1).map(Row::of).toList();
  }

  /// A pattern that finds this row and no other.
  String pattern() {
    return "^" + Pattern.quote(id) + "$";
  }

  private static Row of(String line) {
    String[] cells = line.split("\t", -1);
    List<Integer> numbers = Arrays.stream(cells[2].split(" ", -1)).map(Integer::valueOf).toList();
    return new Row(
        cells[0],
        cells[1],
        numbers,
        cells[3],
        List.of(cells[4].split(" ", -1)),
        WeightStorage.valueOf(cells[5].toUpperCase(Locale.ROOT)),
        cells[6]);
  }
}
