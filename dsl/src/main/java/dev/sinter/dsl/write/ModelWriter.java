package dev.sinter.dsl.write;

import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.ast.SourceFile;
import dev.sinter.dsl.format.Formatter;
import dev.sinter.dsl.parse.SourceParser;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes the graphs of a model as text that elaborates to the same answers.
///
/// Weights are declared with their types; the values that came with the model are given beside the
/// text, to be written into a file. What a training or a model's contracts say is left out.
public final class ModelWriter {
  private final Identifiers names = new Identifiers(Elaborator.words());
  private final Writing.Shared shared = new Writing.Shared(names);
  private final ModelGraph model;

  private ModelWriter(ModelGraph model) {
    this.model = model;
  }

  /// The text of `model`.
  ///
  /// @param heading what stands above it, a line each
  public static Written write(ModelGraph model, List<String> heading) {
    return new ModelWriter(model).write(heading);
  }

  private Written write(List<String> heading) {
    String name = names.capital(model.name(), "Model");
    for (ModelGraph.Parameter parameter : model.parameters()) {
      String own = names.value(parameter.name(), "weight");
      shared.parameters.put(parameter.name(), own);
    }
    model.entries().forEach(entry -> shared.constants(entry.body()));
    Map<String, String> methods = new LinkedHashMap<>();
    for (Graph entry : model.entries()) {
      methods.put(
          entry.name(), entry.name().equals("forward") ? "" : names.value(entry.name(), "entry"));
    }
    List<String> functions = new ArrayList<>();
    for (Graph entry : model.entries()) {
      functions.add(function(entry, methods.getOrDefault(entry.name(), "")));
    }
    StringBuilder out = new StringBuilder();
    heading.forEach(line -> out.append("/// ").append(line).append('\n'));
    out.append("model ").append(name).append(" {\n");
    parameters(out);
    functions.forEach(function -> out.append('\n').append(function).append('\n'));
    out.append("}\n");
    return new Written(formatted(out.toString()), name, shared.parameters, shared.weights);
  }

  private void parameters(StringBuilder out) {
    SizeText sizes = new SizeText(shared::size);
    Map<String, Tensor> constants = new LinkedHashMap<>(shared.weights);
    for (ModelGraph.Parameter parameter : model.parameters()) {
      if (parameter.kind() == ModelGraph.Kind.SLOT) {
        continue;
      }
      String name = shared.parameters.getOrDefault(parameter.name(), parameter.name());
      out.append(parameter.kind() == ModelGraph.Kind.STATE ? "state " : "param ")
          .append(name)
          .append(": ")
          .append(parameter.type().dtype())
          .append('[')
          .append(sizes.list(parameter.type().shape()))
          .append("] = ")
          .append(initial(parameter.initializer()))
          .append('\n');
      if (parameter.initializer() instanceof Initializer.Held(Tensor tensor)) {
        shared.weights.put(name, tensor);
      }
    }
    constants.forEach((name, tensor) -> {
      List<Dim> shape = new ArrayList<>();
      for (long size : tensor.shape()) {
        shape.add(Dim.of(size));
      }
      out.append("param %s: %s[%s] = zeros()\n".formatted(name, tensor.dtype(), sizes.list(shape)));
    });
  }

  private static String initial(Initializer initializer) {
    return switch (initializer) {
      case Initializer.Fill(double value) when value == 0 -> "zeros()";
      case Initializer.Fill(double value) when value == 1 -> "ones()";
      case Initializer.Fill(double value) -> number(value);
      case Initializer.Normal(double mean, double deviation) ->
          "normal(" + number(mean) + ", " + number(deviation) + ")";
      case Initializer.Uniform(double low, double high) ->
          "uniform(" + number(low) + ", " + number(high) + ")";
      // What a file holds, or came with the model, is read from a file again.
      case Initializer.Stored stored -> "zeros()";
      case Initializer.Held held -> "zeros()";
    };
  }

  private static String number(double value) {
    return NumberText.real(DType.F64, value).text();
  }

  private String function(Graph entry, String method) {
    Identifiers locals = names.inner();
    Writing writing = new Writing(shared, locals, entry.facts());
    BodyWriter body = new BodyWriter(writing);
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < entry.inputs().size(); i++) {
      Graph.Input input = entry.inputs().get(i);
      Value value = entry.input(i);
      if (input.role() == Graph.Role.ARGUMENT) {
        String name = locals.value(input.name(), "x");
        arguments.add(name + ": " + writing.type(value.type()));
        body.define(value, Piece.of(name));
      } else {
        body.define(value, Piece.of(shared.parameters.getOrDefault(input.name(), input.name())));
      }
    }
    body.write(entry.body());
    Identifiers outside = new Identifiers(Elaborator.words());
    List<String> results = new ArrayList<>();
    List<String> values = new ArrayList<>();
    List<String> states = new ArrayList<>();
    for (int i = 0; i < entry.outputs().size(); i++) {
      Graph.Output output = entry.outputs().get(i);
      Value value = entry.output(i);
      String text = body.text(value, Piece.ANY);
      if (output.role() == Graph.Role.ARGUMENT) {
        String name = outside.value(output.name(), "y");
        results.add(name + ": " + writing.type(value.type()));
        values.add(text);
      } else {
        states.add("next " + shared.parameters.get(output.name()) + " = " + text);
      }
    }
    String head =
        "fn %s(%s) -> (%s)%s"
            .formatted(
                method,
                String.join(", ", arguments),
                String.join(", ", results),
                facts(entry.facts(), writing));
    String value = values.size() == 1 ? values.getFirst() : "(" + String.join(", ", values) + ")";
    if (body.lines().isEmpty() && states.isEmpty()) {
      return head + " = " + value;
    }
    List<String> lines = new ArrayList<>(body.lines());
    lines.addAll(states);
    lines.add("return " + value);
    return head + " {\n" + String.join("\n", lines) + "\n}";
  }

  private static String facts(Facts facts, Writing writing) {
    SizeText sizes = writing.sizes();
    List<String> out = new ArrayList<>();
    for (Facts.Fact fact : facts.facts()) {
      out.add(
          switch (fact) {
            case Facts.Fact.AtLeast(Dim left, Dim right) ->
                sizes.piece(left).text() + " >= " + sizes.piece(right).text();
            case Facts.Fact.Equal(Dim left, Dim right) ->
                sizes.piece(left).text() + " == " + sizes.piece(right).text();
            case Facts.Fact.Divides(Dim divisor, Dim dim) ->
                sizes.piece(dim).at(Piece.PRODUCT)
                    + " % "
                    + sizes.piece(divisor).at(Piece.UNARY)
                    + " == 0";
          });
    }
    return out.isEmpty() ? "" : " where (" + String.join(", ", out) + ")";
  }

  private static String formatted(String text) {
    Diagnostics found = new Diagnostics();
    Optional<SourceFile> file = SourceParser.parse(new SourceText("model", text), found);
    return Formatter.format(
        file.orElseThrow(() ->
            new CompilerBug(
                "writer", "the text does not parse: " + found.list().getFirst().message())));
  }
}
