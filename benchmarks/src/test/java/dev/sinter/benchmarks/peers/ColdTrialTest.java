package dev.sinter.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import dev.sinter.benchmarks.cold.ColdDocument;
import dev.sinter.benchmarks.cold.ColdLine;
import dev.sinter.benchmarks.cold.ColdRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColdTrialTest {
  private static List<Row> rows() throws IOException {
    return Row.read(
        Path.of(System.getProperty("sinter.root", "..")).resolve("benchmarks/rows.tsv"));
  }

  private static Row row(String id) throws IOException {
    return rows().stream().filter(row -> row.id().equals(id)).findFirst().orElseThrow();
  }

  private static ColdDocument document(List<ColdRow> rows) {
    return new ColdDocument("sinter.cold/1", "25", "cpu", "commit", 1, rows);
  }

  @Test
  void theRowsOfTheSuiteAreThere() throws IOException {
    assertThat(rows().stream().map(Row::id)).containsAll(ColdTrial.ROWS);
  }

  @Test
  void eachRuntimeStartsWithAndWithoutTheCache(@TempDir Path home) throws IOException {
    ColdRow row = ColdTrial.run(row("lenet-b1"), home, List.of(1), 0.01, 1).getFirst();

    assertThat(row.failure()).isEmpty();
    assertThat(row.maxError()).isLessThan(1e-3);
    assertThat(row.starts().stream().map(ColdLine::name))
        .containsExactly("sinter", "sinter+aot", "onnxruntime", "onnxruntime+aot");
    assertThat(row.starts())
        .allSatisfy(line -> {
          assertThat(line.failure()).isEmpty();
          assertThat(line.bytes()).isPositive();
          assertThat(line.cacheBytes() > 0).isEqualTo(line.name().endsWith("+aot"));
          assertThat(line.steadyFromMs()).isGreaterThan(line.loadedMs());
          assertThat(line.answeredMs()).isGreaterThan(line.loadedMs());
          assertThat(line.loadedMs()).isGreaterThan(line.mainMs());
        });
    ColdDocument document = document(List.of(row));
    assertThat(new Gson().fromJson(new Gson().toJson(document), ColdDocument.class))
        .isEqualTo(document);
    assertThat(document.table()).contains("lenet-b1, 1 thread", "sinter+aot");
  }

  @Test
  void aRowThatIsNoServiceSaysSo(@TempDir Path home) throws IOException {
    List<ColdRow> rows = ColdTrial.run(row("train-mlp-b128"), home, List.of(1, 2), 0.01, 1);

    assertThat(rows).hasSize(2);
    assertThat(document(rows).table()).contains("train-mlp-b128, 2 threads: a step of training");
  }

  @Test
  void aLineThatFailedSaysWhy() {
    ColdLine refused = ColdLine.failed("sinter+aot", "the cache is refused");

    assertThat(document(List.of(new ColdRow("a", 1, 0, List.of(refused), ""))).table())
        .contains("the cache is refused");
  }
}
