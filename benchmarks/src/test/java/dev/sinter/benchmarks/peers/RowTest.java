package dev.sinter.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowTest {
  private static List<Row> rows() throws IOException {
    return Row.read(
        Path.of(System.getProperty("sinter.root", "..")).resolve("benchmarks/rows.tsv"));
  }

  @Test
  void eachRowNamesANetworkAndAllItsSizes() throws IOException {
    assertThat(rows())
        .isNotEmpty()
        .allSatisfy(row -> {
          int[] numbers = row.numbers().stream().mapToInt(n -> n).toArray();
          assertThat(row.numbers()).isNotEmpty().allMatch(n -> n > 0);
          if (TrainingStep.isNamed(row.network())) {
            assertThat(TrainingStep.of(row.network(), numbers).graph().training()).isPresent();
          } else if (row.network().equals("minilm")) {
            assertThat(numbers).hasSize(2);
          } else {
            assertThat(Networks.has(row.network(), numbers.length)).isTrue();
          }
        });
  }

  @Test
  void rowsHaveNamesOfTheirOwn() throws IOException {
    assertThat(rows().stream().map(Row::id)).doesNotHaveDuplicates();
  }

  @Test
  void eachRowHasPeersThatCanRunIt() throws IOException {
    assertThat(rows())
        .allSatisfy(row -> {
          if (TrainingStep.isNamed(row.network())) {
            assertThat(row.peers()).containsExactly("libtorch");
          } else {
            assertThat(row.peers()).contains("onnxruntime").isSubsetOf("onnxruntime", "libtorch");
          }
        });
  }

  @Test
  void eachRowSaysWhatLimitsIt() throws IOException {
    assertThat(rows())
        .allSatisfy(row -> assertThat(row.bound()).isIn("compute", "memory", "gemm"))
        .allSatisfy(row -> assertThat(row.what()).isNotBlank());
  }
}
