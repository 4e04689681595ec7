package dev.sinter.compiler.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.Compiler;
import dev.sinter.compiler.InputShapes;
import dev.sinter.dsl.Elaborator;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.passes.tuning.Candidates;
import dev.sinter.passes.tuning.ProductShape;
import dev.sinter.passes.tuning.ProductTile;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TunerTest {
  private static final String DENSE =
      """
      model Net {
        param a: f32[48, 24] = normal(0, 1)
        param b: f32[10, 48] = normal(0, 1)
        fn forward(x: f32[N, 24]) -> f32[N, 10] {
          h = relu(einsum{n i, o i -> n o}(x, a))
          return einsum{n i, o i -> n o}(h, b)
        }
      }
      """;

  private static final String PICTURES =
      """
      model Net {
        a = Conv[8 -> 16](k = 3, pad = 1)
        fn forward(x: f32[1, 8, 12, 10]) -> f32[1, 16, 12, 10] {
          return relu(a(x))
        }
      }
      """;

  private static ModelGraph model(String text) {
    Elaborator elaborator = new Elaborator(warning -> {});
    return elaborator.elaborate(
        elaborator.read(new SourceText("net.sinter", text), none -> Optional.empty()),
        "Net",
        Map.of());
  }

  /// Keeps what it hears.
  private static final class Heard implements Tuner.Listener {
    private final List<Measured> measured = new ArrayList<>();
    private final List<String> assumed = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();
    private ScheduleTable table = ScheduleTable.EMPTY;

    @Override
    public void assumed(List<String> symbols, long size) {
      assumed.addAll(symbols);
    }

    @Override
    public void measured(Measured part, ScheduleTable found) {
      measured.add(part);
      table = found;
    }

    @Override
    public void unknown(String part) {
      unknown.add(part);
    }
  }

  private static ScheduleTable tune(
      String text, InputShapes shapes, ScheduleTable known, boolean again, Heard heard) {
    return new Tuner(model(text), CompileOptions.DEFAULT, shapes, 1, 0.1, again, heard).tune(known);
  }

  static Stream<Arguments> models() {
    return Stream.of(Arguments.of(DENSE, "16,24"), Arguments.of(PICTURES, "1,8,12,10"));
  }

  /// Not how fast anything is, which depends on what else the machine does.
  @ParameterizedTest
  @MethodSource("models")
  void onePartAtLeastIsMeasuredHoweverShortTheTime(String text, String sizes) {
    Heard heard = new Heard();
    ScheduleTable found =
        tune(text, InputShapes.parse(Map.of("x", sizes)), ScheduleTable.EMPTY, false, heard);
    assertThat(heard.assumed).isEmpty();
    assertThat(heard.measured.size() + heard.unknown.size()).isPositive();
    assertThat(found.size()).isEqualTo(heard.measured.size());
    assertThat(found).isEqualTo(heard.table);
    for (Measured part : heard.measured) {
      assertThat(part.uses()).isEqualTo(1);
      assertThat(part.beforeMs()).isPositive();
      assertThat(part.afterMs()).isBetween(0.0, part.beforeMs());
      assertThat(part.after().equals(part.before())).isEqualTo(part.afterMs() == part.beforeMs());
    }
    assertThat(
            new Compiler(CompileOptions.DEFAULT.withSchedules(found)).compile(model(text)).report())
        .isNotNull();
  }

  @Test
  void sizesThatNoInputCanHaveAreRefusedBeforeAnythingIsMeasured() {
    InputShapes wrong = InputShapes.parse(Map.of("x", "16,25"));
    Heard heard = new Heard();
    assertThatThrownBy(() -> tune(DENSE, wrong, ScheduleTable.EMPTY, false, heard))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("input x cannot have the sizes 16,25");
    assertThat(heard.measured).isEmpty();
  }

  @Test
  void aModelThatIsNotCompiledIsNotMeasuredEither() {
    String text =
        """
        model Net {
          fn forward(x: f32[5, 8]) -> f32[8] {
            start: f32[8] = zeros()
            last, all = scan (row in x) with (sum = start) {
              next sum = sum + row
              emit row
            }
            return last
          }
        }
        """;
    ModelGraph model = model(text);
    CompileOptions few = CompileOptions.DEFAULT.withMostTurns(4);
    assertThatThrownBy(() -> new Tuner(model, few, InputShapes.NONE, 1, 0.1, false, new Heard()))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("this loop has 5 turns");
  }

  @Test
  void whatIsKnownIsNotMeasuredAgainUnlessAsked() {
    Heard first = new Heard();
    ScheduleTable all = ScheduleTable.EMPTY;
    // Whatever the answer: that the model's parts have one.
    for (Work work : Rehearsed.products(model(DENSE))) {
      all = all.with(work.shape(), Candidates.of(work.shape(), 3).getLast());
    }
    assertThat(tune(DENSE, InputShapes.NONE, all, false, first)).isEqualTo(all);
    assertThat(first.measured).isEmpty();
    Heard second = new Heard();
    tune(DENSE, InputShapes.NONE, all, true, second);
    assertThat(second.measured.size() + second.unknown.size()).isPositive();
    assertThat(second.assumed).containsExactly("N");
  }

  @Test
  void theFirstCandidateIsTheEstimateAndAllAreAllowed() {
    for (CpuTier tier : List.of(CpuTier.REGISTERS_16, CpuTier.REGISTERS_32)) {
      for (long rows : new long[] {ProductShape.OPEN, 1, 2, 7, 49, 480}) {
        for (long columns : new long[] {ProductShape.OPEN, 3, 64, 1000}) {
          ProductShape shape =
              new ProductShape(
                  tier, DType.F32, rows, columns, List.of(64L), 1, 64, ProductShape.PANELS);
          List<ProductTile> tiles = Candidates.of(shape, 5);
          assertThat(tiles).doesNotHaveDuplicates().hasSizeBetween(2, 7);
          assertThat(tiles).allMatch(tile -> tile.fault(tier).isEmpty());
          assertThat(tiles.getFirst().walk()).isEqualTo(ProductTile.Walk.DOWN);
        }
      }
    }
  }
}
