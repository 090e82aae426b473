System.Console.WriteLine("edgeface");
