/** Stands in for the Python extension: first the interpreter TEST_FIRST is active, after the command TEST_SECOND. */

const vscode = require("vscode");

exports.activate = (context) => {
  const changed = new vscode.EventEmitter();
  let path = process.env.TEST_FIRST;
  const choose = () => {
    path = process.env.TEST_SECOND;
    changed.fire({ path, id: path, resource: undefined });
  };
  context.subscriptions.push(changed, vscode.commands.registerCommand("python.testChoose", choose));
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ path, id: path }),
      resolveEnvironment: async (environment) => ({ executable: { uri: vscode.Uri.file(environment.path) } }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
  };
};
