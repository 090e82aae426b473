using EdgeFace.App;

using var terminal = Terminal.OfProcess();
return Tool.Run(args, terminal);
