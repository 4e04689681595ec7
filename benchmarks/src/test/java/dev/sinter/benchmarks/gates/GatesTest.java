package dev.sinter.benchmarks.gates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.benchmarks.gates.JitMethod.Code;
import dev.sinter.runtime.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatesTest {
  private static final KnownFaults NONE = new KnownFaults(List.of());

  private static KernelMethod method(
      int bytes, boolean vectors, double share, double inC2, String... bailOuts) {
    return new KernelMethod("tile", bytes, vectors, share, inC2, Code.C2, 1, List.of(bailOuts));
  }

  private static List<String> faults(KernelMethod... methods) {
    return new Gates("lenet", 0, Map.of(), 500, List.of(methods))
        .faults(NONE, "row").stream().map(Fault::toString).toList();
  }

  @Test
  void aKernelInCodeOfC2Passes() {
    assertThat(faults(method(2000, false, 1, 1))).isEmpty();
  }

  @Test
  void aHotMethodHasToBeInCodeOfC2() {
    assertThat(faults(method(100, false, 0.02, 0.1)))
        .containsExactly("c2: tile: 2 % of the time, and not in code of C2");
    assertThat(faults(method(100, false, 0.005, 0))).isEmpty();
  }

  @Test
  void manyRareMethodsAreHotTogether() {
    KernelMethod[] methods = new KernelMethod[20];
    java.util.Arrays.fill(methods, method(100, false, 0.008, 0));
    assertThat(faults(methods)).containsExactly("c2: 16 % of the time in other code");
  }

  @Test
  void methodsAreAsLongAsTheJitTakes() {
    assertThat(faults(method(2001, false, 0.01, 1)))
        .containsExactly("bytecode: tile: 2001 bytes, not 2000");
    assertThat(faults(method(8001, false, 0, 0)))
        .containsExactly("bytecode: tile: 8001 bytes, not 8000");
    assertThat(faults(method(2001, false, 0, 0))).isEmpty();
  }

  @Test
  void aRegisterTileMayBeLonger() {
    assertThat(faults(tile(3200))).isEmpty();
    assertThat(faults(tile(3201))).containsExactly("bytecode: c2$tile: 3201 bytes, not 3200");
  }

  private static KernelMethod tile(int bytes) {
    return new KernelMethod(Program.TILE + "tile", bytes, false, 1, 1, Code.C2, 1, List.of());
  }

  @Test
  void whatTakesVectorsIsShortEnoughToBeInlined() {
    assertThat(faults(method(326, true, 0, 0)))
        .containsExactly("bytecode: tile: 326 bytes, not 325");
  }

  @Test
  void aBailOutIsAFaultHoweverRareTheMethod() {
    assertThat(faults(method(100, false, 0, 0, "C1: out of virtual registers")))
        .containsExactly("bail-out: tile: C1: out of virtual registers");
  }

  @Test
  void whatIsAllocatedHasAKernelOrIsOutsideOfThem() {
    Gates gates = new Gates("lenet", 100, Map.of("pool", 96L), 500, List.of());
    assertThat(gates.faults(NONE, "row"))
        .extracting(Fault::toString)
        .containsExactly(
            "allocation: pool: 96 bytes a call", "allocation: 4 bytes a call outside of kernels");
  }

  @Test
  void largeMethodsAreCountedWhereABudgetIsSet() {
    List<KernelMethod> nine = java.util.Collections.nCopies(9, method(601, false, 0, 0));
    assertThat(new Gates("lenet", 0, Map.of(), 500, nine).faults(NONE, "row")).isEmpty();
    assertThat(new Gates("minilm", 0, Map.of(), 500, nine).faults(NONE, "row"))
        .extracting(Fault::what)
        .containsExactly("C2 compiled 9 methods of more than 600 bytes, not 8");
  }

  @Test
  void fromFewSamplesNothingFollows() {
    assertThat(new Gates("lenet", 0, Map.of(), 99, List.of()).faults(NONE, "row"))
        .extracting(Fault::what)
        .containsExactly("kernels were seen to run only 99 times");
  }

  @Test
  void whatIsKnownIsReportedAndDoesNotFail() {
    KnownFaults known =
        new KnownFaults(List.of(new KnownFaults.Known("lenet", "allocation", "pool", "a reason")));
    Gates gates = new Gates("lenet", 96, Map.of("pool2", 96L), 500, List.of());

    List<Fault> faults = gates.faults(known, "lenet-b1");
    assertThat(faults)
        .extracting(Fault::toString)
        .containsExactly("allocation: pool2: 96 bytes a call (known: a reason)");
    assertThat(new GateRow("lenet-b1", 96, List.of(), faults, "").passes()).isTrue();
    assertThat(gates.faults(known, "other")).allMatch(Fault::isNew);
  }

  @Test
  void aKnownFaultNeedsAReason(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("known.tsv");
    Files.writeString(file, "row\tgate\tkernel\treason\n*\tc2\ttile\t\n");
    assertThatThrownBy(() -> KnownFaults.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has a line without");
  }
}
