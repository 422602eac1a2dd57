"""Late prices: when to ask for OpenRouter's own record of a call, and asking."""
