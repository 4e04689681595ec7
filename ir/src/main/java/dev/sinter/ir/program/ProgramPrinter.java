package dev.sinter.ir.program;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.TileKernelPrinter;
import dev.sinter.ir.program.Program.DimSource;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/// A program as text, for people: sizes, the memory plan, and the numbered steps.
public final class ProgramPrinter {
  private final Program program;
  private final IntFunction<String> kernelName;
  private final StringBuilder text = new StringBuilder();
  private int number;

  private ProgramPrinter(Program program, IntFunction<String> kernelName) {
    this.program = program;
    this.kernelName = kernelName;
  }

  /// The text of `program`.
  ///
  /// @param kernelName the name of each kernel
  public static String print(Program program, IntFunction<String> kernelName) {
    ProgramPrinter printer = new ProgramPrinter(program, kernelName);
    printer.text.append("program ").append(program.name()).append(" {\n");
    program.dims().forEach(printer::dim);
    for (int i = 0; i < program.buffers().size(); i++) {
      printer.buffer(i, program.buffers().get(i));
    }
    printer.steps(program.steps(), "  ");
    return printer.text.append("}\n").toString();
  }

  private void dim(DimSource source) {
    text.append("  dim ").append(source.symbol()).append(" = ");
    text.append(
            switch (source) {
              case DimSource.OfInput(String symbol, int input, int axis, Dim factor, Dim rest) ->
                  solved("input " + input + " axis " + axis, factor, rest);
              case DimSource.OfState(String symbol, String state, int axis, Dim factor, Dim rest) ->
                  solved("state " + state + " axis " + axis, factor, rest);
              case DimSource.OfLoop(String symbol) -> "turn";
              case DimSource.OfValue(String symbol, Dim bound) -> "value at most " + bound;
            })
        .append('\n');
  }

  private static String solved(String size, Dim factor, Dim rest) {
    String less = rest.is(0) ? size : "(" + size + " - (" + rest + "))";
    return factor.is(1) ? less : less + " / (" + factor + ")";
  }

  private void buffer(int index, Program.Buffer b) {
    text.append("  buffer %d %s %s".formatted(index, b.name(), b.type()));
    if (!b.layout().equals(Layout.rowMajor(b.shape().size()))) {
      text.append(" layout ").append(TileKernelPrinter.text(b.layout()));
    }
    text.append(
        switch (b.origin()) {
          case Origin.Input(int i) -> " input " + i;
          case Origin.Output(int i) -> " output " + i;
          case Origin.Weight(String name) -> " weight";
          case Origin.Constant _ -> " constant";
          case Origin.State(String name) -> " state";
          case Origin.Temporary(boolean ofEachThread) -> ofEachThread ? " of each thread" : "";
        });
    b.alias().ifPresent(other -> text.append(" in ").append(other));
    text.append(" live %d..%d\n".formatted(b.live().first(), b.live().last()));
  }

  private void steps(List<Step> steps, String indent) {
    steps.forEach(step -> step(step, indent));
  }

  private void step(Step step, String indent) {
    text.append(indent).append(number++).append(": ");
    String deeper = indent + "  ";
    switch (step) {
      case Step.Launch launch -> launch(launch);
      case Step.Blocks blocks -> {
        text.append("blocks ").append(blocks.block()).append(" < ").append(blocks.count());
        text.append(" {\n");
        for (Step.Blocks.Index index : blocks.indices()) {
          text.append(deeper).append(index.symbol()).append(" = ").append(index.value());
          text.append('\n');
        }
        for (Step.Launch launch : blocks.body()) {
          text.append(deeper);
          launch(launch);
        }
        text.append(indent).append("}\n");
      }
      case Step.Extern extern ->
          text.append(extern.extern().mnemonic()).append(names(extern.buffers())).append('\n');
      case Step.Measure(String symbol, int buffer) ->
          text.append(symbol).append(" = ").append(name(buffer)).append('\n');
      case Step.If choice -> {
        text.append("if ").append(name(choice.condition())).append(" {\n");
        steps(choice.then(), deeper);
        text.append(indent).append("} else {\n");
        steps(choice.otherwise(), deeper);
        text.append(indent).append("}\n");
      }
      case Step.Repeat repeat -> {
        text.append("repeat ").append(repeat.turn()).append(" < ").append(repeat.count());
        text.append(" {\n");
        steps(repeat.body(), deeper);
        text.append(indent).append("} ").append(number++).append('\n');
      }
      case Step.While loop -> {
        text.append("while {\n");
        steps(loop.test(), deeper);
        text.append(indent).append("} ").append(name(loop.condition()));
        text.append(loop.fails() ? " or fails after " : " at most ").append(loop.limit());
        text.append(" {\n");
        steps(loop.body(), deeper);
        text.append(indent).append("} ").append(number++).append('\n');
      }
    }
  }

  private void launch(Step.Launch launch) {
    text.append(kernelName.apply(launch.kernel())).append(names(launch.buffers()));
    text.append(
        launch.sizes().isEmpty()
            ? ""
            : launch.sizes().stream()
                .map(Dim::toString)
                .collect(Collectors.joining(", ", " sizes ", "")));
    text.append('\n');
  }

  private String names(List<Integer> buffers) {
    return buffers.stream().map(this::name).collect(Collectors.joining(", ", "(", ")"));
  }

  private String name(int buffer) {
    return program.buffers().get(buffer).name();
  }
}
