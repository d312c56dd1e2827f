package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"yinda/content"
)

// publicConfig is what the widget shows before anything is said; all of it is published content.
type publicConfig struct {
	Bank        string   `json:"bank"`
	Hotline     string   `json:"hotline"`
	PersonHours string   `json:"person_hours"`
	Greeting    string   `json:"greeting"`
	Suggestions []string `json:"suggestions"`
	Demo        bool     `json:"demo"`
}

// suggestionCount is how many questions the widget offers at the start.
const suggestionCount = 5

// publicView reads the current edition.
func (s *Server) publicView() publicConfig {
	v := publicConfig{Bank: "本行", Suggestions: []string{}, Demo: s.demo}
	s.live.Use(func(e *content.Edition) {
		facts := e.Playbook.Facts
		if bank := facts["bank"]; bank != "" {
			v.Bank = bank
		}
		v.Hotline, v.PersonHours = facts["hotline"], facts["person_hours"]
		if greeting := e.Playbook.Scripts["greeting"]; len(greeting.Texts) > 0 {
			v.Greeting, _ = content.Fill(greeting.Texts[0], facts)
		}
		// The script "suggestions" names the questions; without it the first of each category serve.
		if chosen := e.Playbook.Scripts["suggestions"]; len(chosen.Texts) > 0 {
			for _, text := range chosen.Texts {
				text, _ = content.Fill(text, facts)
				v.Suggestions = append(v.Suggestions, text)
			}
			return
		}
		seen := map[string]bool{}
		for _, entry := range e.Set.Entries {
			if _, serves := e.Playbook.Answers[entry.ID]; serves && !seen[entry.Category] && len(v.Suggestions) < suggestionCount {
				seen[entry.Category] = true
				v.Suggestions = append(v.Suggestions, entry.Question)
			}
		}
	})
	return v
}

// publicConfig: GET /api/public/config.
func (s *Server) publicConfig(c echo.Context) error {
	return c.JSON(http.StatusOK, s.publicView())
}

// macroPrefix marks scripts that agents may insert.
const macroPrefix = "macro."

type macroJSON struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// macros: GET /api/desk/macros → {items}.
func (s *Server) macros(c echo.Context) error {
	items := []macroJSON{}
	s.live.Use(func(e *content.Edition) {
		for id, script := range e.Playbook.Scripts {
			if strings.HasPrefix(id, macroPrefix) && len(script.Texts) > 0 {
				text, _ := content.Fill(script.Texts[0], e.Playbook.Facts)
				items = append(items, macroJSON{id, script.Name, text})
			}
		}
	})
	slices.SortFunc(items, func(a, b macroJSON) int { return strings.Compare(a.ID, b.ID) })
	return c.JSON(http.StatusOK, map[string]any{"items": items})
}
