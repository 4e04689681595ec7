package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.codegen.jar.MethodSizes.Method;
import dev.sinter.codegen.java.GeneratedNames;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.program.CpuKernel;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.runtime.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class KernelCodeTest {
  /// Two products that differ in sizes, named like tiles, and one whose tiles call a function for
  /// `erf`, so that they are its own.
  private static final String GRAPH =
      """
      graph tiles(argument x %x: f32[12, 24], argument u %u: f32[24, 64], argument v %v: f32[64, 32], argument w %w: f32[32, 48]) {
        %tile: f32[12, 64] = contract(%x, %u) {left = "nk", right = "km", out = "nm", accumulator = f32}
        %edge: f32[12, 32] = contract(%tile, %v) {left = "nk", right = "km", out = "nm", accumulator = f32}
        %p: f32[12, 48] = contract(%edge, %w) {left = "nk", right = "km", out = "nm", accumulator = f32}
        %y: f32[12, 48] = erf(%p)
        return argument y = %y
      }
      """;

  private final CompiledModel compiled =
      new Compiler(CompileOptions.DEFAULT)
          .compile(
              new ModelGraph(
                  "Tiles",
                  List.of(),
                  List.of(GraphParser.graph(GRAPH)),
                  Optional.empty(),
                  Contracts.NONE));

  private final Report report = compiled.report();

  @Test
  void tilesAndNothingElseAreNamedAsTheJvmIsTold() {
    GeneratedNames names = compiled.jar().names();
    TreeSet<String> expected = new TreeSet<>();
    List<Function> own = new ArrayList<>();
    for (CpuTier tier : CpuTier.values()) {
      String type = names.kernelsName(tier);
      for (int k = 0; k < names.kernels().size(); k++) {
        CpuKernel kernel = compiled.programs().kernels().get(k);
        LoopKernel loops = kernel.loops(tier);
        for (Function tile : loops.functions().subList(1, loops.functions().size())) {
          String before = tile.shared() ? "" : names.kernels().get(k) + "_";
          expected.add(type + "." + Program.TILE + before + tile.name());
          if (!tile.shared()) {
            own.add(tile);
          }
        }
      }
    }
    assertThat(own).as("tiles of one kernel").isNotEmpty();
    assertThat(names.kernels()).contains("tileContract", "edgeContract");
    assertThat(report.methods())
        .filteredOn(method -> method.name().startsWith(Program.TILE))
        .extracting(Method::toString)
        .allMatch(name -> name.startsWith(Program.PACKAGE + "."))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void aKernelHasItsOwnMethodsAndThoseThatOthersRunToo() {
    Report.Kernel first = kernel("tileContract");
    Report.Kernel second = kernel("edgeContract");
    Report.Kernel third = kernel("yContractErf");
    assertThat(first.tiles()).isNotEmpty().containsAnyElementsOf(second.tiles());
    assertThat(first.methods()).extracting(Method::name).containsOnly("tileContract");
    assertThat(third.methods())
        .extracting(Method::name)
        .contains("yContractErf")
        .anyMatch(name -> name.startsWith(Program.TILE + "yContractErf_tile"));
    assertThat(report.common())
        .containsAll(first.tiles())
        .doesNotContainAnyElementsOf(third.methods());
  }

  private Report.Kernel kernel(String name) {
    return report.kernels().stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow();
  }
}
