package dev.sinter.codegen.java;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;

/// Cuts long runs of statements into methods, since HotSpot compiles no method of more than 8,000
/// bytes of bytecode.
///
/// A statement's bytecode is never longer than its text, which is what is counted.
final class Chunks {
  /// Characters of source in a method, a margin below the limit of 8,000 bytes.
  private static final int LIMIT = 6_000;

  private final List<ParameterSpec> params;
  private final boolean isStatic;
  private final List<MethodSpec> methods = new ArrayList<>();

  /// @param params the parameters that the statements use, which every method takes
  Chunks(boolean isStatic, List<ParameterSpec> params) {
    this.params = params;
    this.isStatic = isStatic;
  }

  /// The statements themselves where they are short, else calls of new methods called `name` and a
  /// number.
  CodeBlock body(String name, List<CodeBlock> statements) {
    int length = statements.stream().mapToInt(Chunks::length).sum();
    if (length <= LIMIT || statements.size() == 1) {
      return CodeBlock.join(statements, "");
    }
    List<CodeBlock> calls = new ArrayList<>();
    List<CodeBlock> chunk = new ArrayList<>();
    int size = 0;
    for (CodeBlock statement : statements) {
      if (size + length(statement) > LIMIT && !chunk.isEmpty()) {
        calls.add(method(name + "_" + calls.size(), chunk));
        chunk.clear();
        size = 0;
      }
      chunk.add(statement);
      size += length(statement);
    }
    calls.add(method(name + "_" + calls.size(), chunk));
    return body(name + "_", calls);
  }

  /// The methods that were made.
  List<MethodSpec> methods() {
    return methods;
  }

  private CodeBlock method(String name, List<CodeBlock> statements) {
    MethodSpec.Builder method =
        MethodSpec.methodBuilder(name).addModifiers(Modifier.PRIVATE).addParameters(params);
    if (isStatic) {
      method.addModifiers(Modifier.STATIC);
    }
    methods.add(method.addCode(CodeBlock.join(statements, "")).build());
    String args = params.stream().map(ParameterSpec::name).collect(Collectors.joining(", "));
    return CodeBlock.of("$L($L);\n", name, args);
  }

  private static int length(CodeBlock statement) {
    return statement
        .toString()
        .lines()
        .map(String::strip)
        .filter(line -> !line.startsWith("//"))
        .mapToInt(String::length)
        .sum();
  }
}
