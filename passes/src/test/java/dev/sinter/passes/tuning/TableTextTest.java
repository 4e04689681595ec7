package dev.sinter.passes.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.runtime.DType;
import dev.sinter.testkit.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTextTest {
  private static final String PRODUCT =
      "product 16 f32 rows 480 columns 384 depth 3x64 times * left 256 right panels -> 6x2 down";

  private static final String CONVOLUTION =
      "convolution f32 *x64x56x56 filters 64 pads 1,1,0,2 -> winograd 4";

  private static ScheduleTable parse(String... lines) {
    return TableText.parse(new SourceText("net.schedules", String.join("\n", lines)));
  }

  @Test
  void anEntryIsALineAndTheLinesAreSorted() {
    String text = "sinter schedules 1\n" + CONVOLUTION + "\n" + PRODUCT + "\n";
    ScheduleTable table = parse("sinter schedules 1", PRODUCT, "", "  " + CONVOLUTION, PRODUCT);
    assertThat(TableText.print(table)).isEqualTo(text);
    assertThat(table.tiles().values())
        .containsExactly(new ProductTile(6, 2, ProductTile.Walk.DOWN));
    assertThat(table.ways().values()).containsExactly(ConvolutionWay.WINOGRAD_4);
  }

  @Test
  void whatIsPrintedIsReadAgain() {
    Random random = new Random(5);
    for (int i = 0; i < Tier.current().cases(50, 5000); i++) {
      ScheduleTable table = ScheduleTable.EMPTY;
      int entries = random.nextInt(6);
      for (int e = 0; e < entries; e++) {
        table = random.nextBoolean() ? withTile(table, random) : withWay(table, random);
      }
      assertThat(parse(TableText.print(table))).isEqualTo(table);
    }
  }

  private static ScheduleTable withTile(ScheduleTable table, Random random) {
    CpuTier tier = random.nextBoolean() ? CpuTier.REGISTERS_16 : CpuTier.REGISTERS_32;
    List<Long> depth = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      depth.add(number(random));
    }
    List<Long> rights =
        List.of(ProductShape.PANELS, ProductShape.PAIRS, ProductShape.FOURS, number(random));
    long right = rights.get(random.nextInt(3));
    ProductShape shape =
        new ProductShape(
            tier,
            any(DType.values(), random),
            number(random),
            number(random),
            depth,
            number(random),
            number(random),
            right);
    ProductTile.Walk walk = any(ProductTile.Walk.values(), random);
    return table.with(shape, new ProductTile(1 + random.nextInt(4), 1 + random.nextInt(4), walk));
  }

  private static ScheduleTable withWay(ScheduleTable table, Random random) {
    List<Long> pads = random.longs(4, 0, 3).boxed().toList();
    ConvolutionShape shape =
        new ConvolutionShape(DType.F32, number(random), 3, 1 + random.nextInt(99), 7, 8, pads);
    return table.with(shape, any(ConvolutionWay.values(), random));
  }

  private static <E> E any(E[] all, Random random) {
    return all[random.nextInt(all.length)];
  }

  private static long number(Random random) {
    return random.nextInt(4) == 0 ? ProductShape.OPEN : random.nextLong(1L << random.nextInt(59));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "6x2|0x0|a tile has a row and a vector at least",
        "6x2|100x1|16 rows of 8 vectors at most",
        "6x2|99999999999x2|16 rows of 8 vectors at most",
        "6x2|9x2|has 18 accumulators; on this tier there are 16 at most",
        "6x2|6|expected rows and vectors",
        "6x2|-6x2|expected a number",
        "down|sideways|expected one of `down`, `across`",
        "down|down down|expected the end of the line",
        "product 16|product 17|expected the vector registers of a machine",
        "product 16|product scalar|expected the vector registers of a machine",
        "f32|f31|expected a dtype",
        "columns|column|expected `columns`",
        "480|many|expected a number, or `*` where it is not known",
        "480|1234567890123456789|expected a number",
        "3x64|3x|expected a number",
        "panels -> 6x2 down||expected a number",
        "product|contraction|expected `product` or `convolution`",
        "winograd 4|winograd 3|expected one of `direct`, `winograd 2`, `winograd 4`",
        "*x64x56x56|1x64x*x56|expected pictures, channels, height and width",
        "1,1,0,2|1,1|on four sides",
      })
  void aLineThatIsNoEntryIsToldFromWhatItShouldBe(String right, String wrong, String said) {
    String replaced = wrong == null ? "" : wrong;
    String text = String.join("\n", "sinter schedules 1", PRODUCT, CONVOLUTION);
    assertThat(text).contains(right);
    Diagnostic fault = faults(text.replace(right, replaced)).getFirst();
    assertThat(fault.code()).isEqualTo(DiagnosticCode.SCHEDULES_MALFORMED);
    assertThat(fault.primary().text()).contains(said);
    assertThat(fault.span().line()).isEqualTo(text.indexOf(right) > text.indexOf("conv") ? 3 : 2);
  }

  @Test
  void aTableOfAnotherFormOrOfNoneIsRefusedAsAWhole() {
    for (String text : List.of("", "sinter schedules 2\n" + PRODUCT, PRODUCT, "\0\r\n")) {
      assertThat(faults(text)).hasSize(1);
      assertThat(faults(text).getFirst().primary().text())
          .isEqualTo("expected `sinter schedules 1`");
    }
  }

  @Test
  void twoEntriesAboutTheSameThatDifferAreAFault() {
    String other = PRODUCT.replace("6x2 down", "5x2 across");
    Diagnostic fault = faults("sinter schedules 1\n" + PRODUCT + "\n" + other).getFirst();
    assertThat(fault.message()).contains("two entries differ about `product 16 f32");
    assertThat(fault.span().line()).isEqualTo(3);
  }

  @Test
  void onlySoManyFaultsAreTold() {
    String lines = "x\n".repeat(10_000);
    assertThat(faults("sinter schedules 1\n" + lines)).hasSizeLessThan(200);
  }

  /// Whatever a byte is replaced by, there is a table or a diagnostic.
  @Test
  void noTextIsReadWithAnythingElseThanATableOrDiagnostics() {
    Random random = new Random(3);
    String text = String.join("\n", "sinter schedules 1", PRODUCT, CONVOLUTION, "");
    for (int i = 0; i < Tier.current().cases(2000, 200_000); i++) {
      char[] changed = text.toCharArray();
      changed[19 + random.nextInt(changed.length - 19)] = (char) random.nextInt(130);
      try {
        assertThat(parse(new String(changed)).size()).isLessThanOrEqualTo(2);
      } catch (DiagnosticException e) {
        assertThat(e.diagnostics()).isNotEmpty();
      }
    }
  }

  private static List<Diagnostic> faults(String text) {
    DiagnosticException fault = catchThrowableOfType(DiagnosticException.class, () -> parse(text));
    assertThat(fault)
        .as(Arrays.stream(text.split("\n")).collect(Collectors.joining(" | ")))
        .isNotNull();
    return fault.diagnostics();
  }
}
