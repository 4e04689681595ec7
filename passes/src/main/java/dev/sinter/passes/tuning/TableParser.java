package dev.sinter.passes.tuning;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.runtime.DType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the text of a [ScheduleTable], and says of each line that is no entry what it should be.
final class TableParser {
  private static final String PRODUCT =
      "product TIER DTYPE rows N columns N depth NxN times N left N right N -> ROWSxVECTORS WALK";

  private static final String CONVOLUTION =
      "convolution DTYPE NxCxHxW filters N pads N,N,N,N -> direct | winograd 2 | winograd 4";

  private final SourceText source;
  private final Diagnostics diagnostics = new Diagnostics();
  private final Map<ProductShape, ProductTile> tiles = new LinkedHashMap<>();
  private final Map<ConvolutionShape, ConvolutionWay> ways = new LinkedHashMap<>();

  TableParser(SourceText source) {
    this.source = source;
  }

  ScheduleTable table() {
    Span first = new Span(source, 0, source.lineEnd(1));
    if (!first.text().equals(TableText.HEADER)) {
      throw new DiagnosticException(
          fault(first, "a table of schedules begins with another line")
              .label("expected `%s`".formatted(TableText.HEADER))
              .help("`sinter tune` writes such tables; delete one of another version"));
    }
    for (int line = 2; line <= source.lines() && !diagnostics.isFull(); line++) {
      Words words = new Words(source, source.lineStart(line), source.lineEnd(line));
      try {
        if (!words.atEnd()) {
          entry(words);
        }
      } catch (DiagnosticException e) {
        e.diagnostics().forEach(diagnostics::report);
      }
    }
    diagnostics.throwIfErrors();
    return new ScheduleTable(tiles, ways);
  }

  private void entry(Words words) {
    Span kind = words.next();
    switch (kind.text()) {
      case "product" -> product(words, kind);
      case "convolution" -> convolution(words, kind);
      default ->
          throw new DiagnosticException(
              fault(kind, "no entry of a table begins like this")
                  .label("expected `product` or `convolution`"));
    }
  }

  private void product(Words words, Span kind) {
    CpuTier tier = tier(words.next());
    DType dtype = dtype(words.next());
    words.skip("rows");
    long rows = number(words.next(), true);
    words.skip("columns");
    long columns = number(words.next(), true);
    words.skip("depth");
    List<Long> depth = numbers(words.next(), "x", true);
    words.skip("times");
    long times = number(words.next(), true);
    words.skip("left");
    long left = number(words.next(), true);
    words.skip("right");
    Span right = words.next();
    long step =
        switch (right.text()) {
          case "panels" -> ProductShape.PANELS;
          case "pairs" -> ProductShape.PAIRS;
          case "fours" -> ProductShape.FOURS;
          default -> number(right, true);
        };
    words.skip("->");
    Span size = words.next();
    List<Long> tile = numbers(size, "x", false);
    if (tile.size() != 2) {
      throw wrong(size, "rows and vectors, as in `6x2`");
    }
    Span walk = words.next();
    words.end();
    // What is larger than any tile is refused just as well when it is cut to an `int`'s range.
    ProductTile chosen =
        new ProductTile(
            Math.toIntExact(Math.min(tile.get(0), Integer.MAX_VALUE)),
            Math.toIntExact(Math.min(tile.get(1), Integer.MAX_VALUE)),
            one(walk, ProductTile.Walk.values(), ProductTile.Walk::text));
    chosen
        .fault(tier)
        .ifPresent(why -> {
          throw new DiagnosticException(
              fault(size, "no kernel can have this tile").label(why).help(again()));
        });
    put(
        tiles,
        new ProductShape(tier, dtype, rows, columns, depth, times, left, step),
        chosen,
        kind);
  }

  private void convolution(Words words, Span kind) {
    DType dtype = dtype(words.next());
    Span picture = words.next();
    List<Long> sizes = numbers(picture, "x", true);
    if (sizes.size() != 4 || sizes.subList(1, 4).contains(ProductShape.OPEN)) {
      throw wrong(picture, "pictures, channels, height and width, as in `1x64x56x56`");
    }
    words.skip("filters");
    long filters = number(words.next(), false);
    words.skip("pads");
    Span around = words.next();
    List<Long> pads = numbers(around, ",", false);
    if (pads.size() != 4) {
      throw wrong(around, "the rows and columns of zeros on four sides, as in `1,1,1,1`");
    }
    words.skip("->");
    Span way = words.rest();
    put(
        ways,
        new ConvolutionShape(
            dtype, sizes.get(0), sizes.get(1), sizes.get(2), sizes.get(3), filters, pads),
        one(way, ConvolutionWay.values(), ConvolutionWay::toString),
        kind);
  }

  private <K, V> void put(Map<K, V> entries, K shape, V choice, Span kind) {
    V other = entries.put(shape, choice);
    if (other != null && !other.equals(choice)) {
      throw new DiagnosticException(
          fault(kind, "two entries differ about `%s`".formatted(shape))
              .label("`%s`, and `%s` before".formatted(choice, other))
              .help("keep one of the lines, or delete both and run `sinter tune` again"));
    }
  }

  /// Not the scalar one, which has no tiles to choose.
  private static CpuTier tier(Span word) {
    return CpuTier.parse(word.text())
        .filter(tier -> tier != CpuTier.SCALAR)
        .orElseThrow(() -> wrong(word, "the vector registers of a machine, `16` or `32`"));
  }

  private static DType dtype(Span word) {
    return DType.parse(word.text()).orElseThrow(() -> wrong(word, "a dtype, such as `f32`"));
  }

  private static List<Long> numbers(Span word, String separator, boolean open) {
    return Arrays.stream(word.text().split(separator, -1))
        .map(part -> number(word, part, open))
        .toList();
  }

  private static long number(Span word, boolean open) {
    return number(word, word.text(), open);
  }

  /// @param open whether the number may be one that is not known
  private static long number(Span word, String text, boolean open) {
    if (open && text.equals("*")) {
      return ProductShape.OPEN;
    }
    if (!text.matches("[0-9]{1,18}")) {
      throw wrong(word, open ? "a number, or `*` where it is not known" : "a number");
    }
    return Long.parseLong(text);
  }

  private static <E> E one(Span word, E[] all, java.util.function.Function<E, String> text) {
    Optional<E> found =
        Arrays.stream(all).filter(e -> text.apply(e).equals(word.text())).findFirst();
    return found.orElseThrow(() ->
        wrong(
            word,
            "one of `%s`".formatted(String.join("`, `", Arrays.stream(all).map(text).toList()))));
  }

  private static String again() {
    return "delete the line and run `sinter tune` again";
  }

  private static Diagnostic fault(Span span, String message) {
    return Diagnostic.error(DiagnosticCode.SCHEDULES_MALFORMED, span, message);
  }

  private static DiagnosticException wrong(Span word, String expected) {
    return new DiagnosticException(
        fault(word, "a line of a table of schedules cannot be read")
            .label("expected " + expected)
            .note("an entry is `%s` or `%s`".formatted(PRODUCT, CONVOLUTION))
            .help(again()));
  }

  /// The words of a line, one after the other.
  private static final class Words {
    private final SourceText source;
    private final int end;
    private int at;

    Words(SourceText source, int start, int end) {
      this.source = source;
      this.end = end;
      this.at = start;
      skipBlanks();
    }

    boolean atEnd() {
      return at == end;
    }

    /// The next word, empty at the line's end.
    Span next() {
      int start = at;
      while (at < end && source.text().charAt(at) != ' ') {
        at++;
      }
      Span word = new Span(source, start, at);
      skipBlanks();
      return word;
    }

    /// All that is left of the line.
    Span rest() {
      int start = at;
      at = end;
      return new Span(source, start, end);
    }

    void skip(String expected) {
      Span word = next();
      if (!word.text().equals(expected)) {
        throw wrong(word, "`%s`".formatted(expected));
      }
    }

    void end() {
      if (!atEnd()) {
        throw wrong(rest(), "the end of the line");
      }
    }

    private void skipBlanks() {
      while (at < end && source.text().charAt(at) == ' ') {
        at++;
      }
    }
  }
}
