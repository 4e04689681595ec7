package dev.sinter.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sinter.benchmarks.gates.Fault;
import dev.sinter.benchmarks.gates.GateRow;
import dev.sinter.benchmarks.gates.KernelMethod;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GateTrialTest {
  private static final Path HOME =
      Path.of(System.getProperty("sinter.root", "..")).toAbsolutePath().normalize();

  private static final Set<String> SMALL =
      Set.of("lenet-b1", "mlp-b1", "lstm", "softmax", "layernorm", "gemm-256");

  static List<Row> rows() throws IOException {
    return Row.read(HOME.resolve("benchmarks/rows.tsv")).stream()
        .filter(row -> Tier.current() == Tier.FULL || SMALL.contains(row.id()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theJitMakesOfKernelsWhatItShould(Row row) throws IOException {
    GateRow gates = GateTrial.fork(row, HOME, 1);
    assumeFalse(gates.failure().equals(RowFile.NOT_FETCHED), RowFile.NOT_FETCHED);

    assertThat(gates.failure()).isEmpty();
    assertThat(gates.faults()).filteredOn(Fault::isNew).isEmpty();
    assertThat(gates.methods()).anyMatch(KernelMethod::isHot);
  }
}
